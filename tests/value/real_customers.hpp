#pragma once
// The real data of tests/value/data (see the README there).

#include <putki/stats/purchase_statistics.hpp>

#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace putki::test {

inline std::vector<std::vector<double>> numbers_of(const std::string& file) {
  std::ifstream in(std::string(PUTKI_SOURCE_DIR) + "/tests/value/data/" + file);
  if (!in) throw std::runtime_error("no " + file);
  std::vector<std::vector<double>> rows;
  std::string line;
  std::getline(in, line);
  while (std::getline(in, line)) {
    std::istringstream cells(line);
    std::vector<double>& row = rows.emplace_back();
    for (std::string cell; std::getline(cells, cell, ',');) row.push_back(std::stod(cell));
  }
  return rows;
}

struct CdnowCustomer {
  PurchaseHistory history;
  int holdout;  // purchases in the 39 weeks after
};

inline const std::vector<CdnowCustomer>& cdnow_sample() {
  static const std::vector<CdnowCustomer> customers = [] {
    std::vector<CdnowCustomer> read;
    for (const auto& row : numbers_of("cdnow_sample.csv")) {
      const auto whole = [&](std::size_t i) { return static_cast<std::int32_t>(row[i]); };
      read.push_back({{whole(0), whole(1), whole(2), whole(0), Money{whole(3)}}, whole(4)});
    }
    return read;
  }();
  return customers;
}

inline PurchaseStatistics cdnow_statistics() {
  PurchaseStatistics statistics;
  for (const auto& customer : cdnow_sample()) statistics.add(customer.history);
  return statistics;
}

inline OpportunityStatistics donations() {
  OpportunityStatistics statistics;
  for (const auto& row : numbers_of("donations.csv"))
    statistics.add({static_cast<int>(row[0]), static_cast<int>(row[1]), static_cast<int>(row[2])},
                   static_cast<std::uint64_t>(row[3]));
  return statistics;
}

inline PurchaseCell cell(const PurchaseHistory& history) {
  return {history.repeats, history.recency_days, history.age_days};
}

}  // namespace putki::test
