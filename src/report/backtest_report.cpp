#include <putki/report/backtest_report.hpp>

#include "report/json.hpp"
#include "report/text_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <ostream>

namespace putki {
namespace {

using Json = nlohmann::ordered_json;  // writes NaN as null
using enum TextTable::Align;

Json origin_json(const BacktestOrigin& origin) {
  return {{"as_of", to_string(origin.as_of)},
          {"actual", origin.actual},
          {"mean", origin.mean},
          {"q10", origin.q10},
          {"q90", origin.q90},
          {"crps", origin.crps},
          {"pit", origin.pit}};
}

Json horizon_json(const HorizonRecord& record) {
  Json json{{"days", record.days}, {"origins", Json::array()}};
  for (const BacktestOrigin& origin : record.origins) json["origins"].push_back(origin_json(origin));
  json["mae"] = record.mae;
  json["crps"] = record.crps;
  json["coverage80"] = record.coverage80.share;
  json["bias"] = record.bias;
  Json skill;
  for (std::size_t b = 0; b < kBaselines.size(); ++b) {
    const std::string key(name(kBaselines[b]));
    json["baselines"][key] = {{"mae", record.baselines[b].mae}, {"crps", record.baselines[b].crps}};
    skill[key] = record.baselines[b].skill;
  }
  json["skill"] = skill;
  return json;
}

/// What the largest amount of the tables is divided by, so that it has at most seven digits.
double unit_of(const Backtest& backtest) {
  double largest = 0;
  const auto heed = [&](double amount) {
    if (std::isfinite(amount)) largest = std::max(largest, std::abs(amount));
  };
  for (const HorizonRecord& record : backtest.horizons) {
    for (const double amount : {record.mean_actual, record.mae, record.crps, record.expected_crps, record.bias})
      heed(amount);
    for (const BaselineRecord& baseline : record.baselines) {
      heed(baseline.mae);
      heed(baseline.crps);
    }
  }
  double unit = 1;
  while (std::round(largest / unit) >= 1e7) unit *= 1000;
  return unit;
}

}  // namespace

std::string to_json(const Backtest& backtest) {
  Json json{{"horizons", Json::array()}};
  for (const HorizonRecord& record : backtest.horizons) json["horizons"].push_back(horizon_json(record));
  return json.dump(2);
}

void write_table(std::ostream& out, const Backtest& backtest) {
  const double unit = unit_of(backtest);
  const auto money = [&](double amount) { return with_commas(amount / unit); };

  TextTable own({right, right, right, right, right, right, right, right});
  own.row({"Days", "Origins", "Actual", "Bias", "MAE", "CRPS", "Frontier", "In 80 %"});
  own.rule();
  for (const HorizonRecord& record : backtest.horizons)
    own.row({fmt::format("{}", record.days), fmt::format("{}", record.origins.size()), money(record.mean_actual),
             money(record.bias), money(record.mae), money(record.crps), money(record.expected_crps),
             record.origins.empty() ? "-" : percent(record.coverage80.share, 0)});
  own.write(out);

  out << '\n';
  TextTable others({right, left, right, right, right, right});
  others.row({"Days", "Against", "MAE", "CRPS", "Skill", "p-value"});
  others.rule();
  for (const HorizonRecord& record : backtest.horizons) {
    if (record.origins.empty()) continue;
    for (std::size_t b = 0; b < kBaselines.size(); ++b) {
      const BaselineRecord& baseline = record.baselines[b];
      others.row({fmt::format("{}", record.days), std::string(name(kBaselines[b])), money(baseline.mae),
                  money(baseline.crps), std::isfinite(baseline.skill) ? percent(baseline.skill, 0) : "-",
                  baseline.test ? fmt::format("{:.3f}", baseline.test->p_value) : "-"});
    }
  }
  others.write(out);

  out << "\nMeans over the origins" << (unit > 1 ? fmt::format(", money in units of {}", with_commas(unit)) : "")
      << ".\n"
      << "Bias, MAE: of the expected revenue against the actual one.\n"
         "CRPS: error of the whole distribution; frontier: what it would be if all that is\n"
         "left were chance. In 80 %: outcomes between the low and the high point.\n"
         "Skill: how much of the CRPS is saved against a simple method; p-value: how often\n"
         "luck alone would make such a difference.\n";
}

}  // namespace putki
