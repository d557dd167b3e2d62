#include <putki/core/random.hpp>

#include <catch2/catch.hpp>

#include "ingest/csv_support.hpp"

using namespace putki;
using namespace putki_test;

namespace {

struct ReadAmounts {
  std::vector<Money> amounts;
  DataQualityReport report;
};

std::string marks(const std::string& decimal, const std::string& thousands) {
  return R"({"decimal": ")" + decimal + R"(", "thousands": ")" + thousands + "\"}";
}

ReadAmounts read_amounts(const std::vector<std::string>& column, const std::string& formats = "{}") {
  std::string text = "id;stage;at;amount;close;owner\n";
  for (std::size_t i = 0; i < column.size(); ++i) {
    text += std::to_string(i) + ";Lead;2012-01-13;\"" + column[i] + "\";;\n";
  }
  ReadLog read = parse_csv(text, history_definition(formats));
  CHECK(read.report.rows_used() == column.size());
  return {{read.log.amounts().begin(), read.log.amounts().end()}, std::move(read.report)};
}

void check_all(const std::vector<std::pair<std::string, std::int64_t>>& values, const std::string& formats = "{}") {
  std::vector<std::string> column;
  for (const auto& [text, minor] : values) column.push_back(text);
  const ReadAmounts read = read_amounts(column, formats);
  for (std::size_t i = 0; i < values.size(); ++i) {
    INFO(values[i].first);
    CHECK(read.amounts[i].minor == values[i].second);
  }
}

constexpr std::int64_t kNone = kNoAmount.minor;

}  // namespace

TEST_CASE("plain amounts are read to the cent") {
  check_all({{"0", 0},
             {"5000", 500'000},
             {"5000.5", 500'050},
             {"5000.25", 500'025},
             {"  12.50 ", 1250},
             {".5", 50},
             {"12.", 1200},
             {"0.005", 1},
             {"0.0049", 0},
             {"1234.565", 123'457},
             {"1.5e3", 150'000},
             {"1.5E+05", 15'000'000},
             {"25e-2", 25},
             {"007", 700},
             {"+12", 1200},
             {"-0", 0},
             {"0.10000000000000000000001", 10},
             {"9999999999999.99", 999'999'999'999'999}});
}

TEST_CASE("empty amounts, NULL among them, are no amounts and no defects") {
  const ReadAmounts read = read_amounts({"", "  ", "NULL", "null", "\\N", "5"});
  for (int i = 0; i < 5; ++i) CHECK(read.amounts[static_cast<std::size_t>(i)] == kNoAmount);
  CHECK(read.report.count(DataRule::unreadable_amount) == 0);
  CHECK(read.report.count(DataRule::impossible_amount) == 0);
  CHECK(read.report.count(DataRule::empty_amount_while_open) == 5);
}

TEST_CASE("currency signs and codes may stand on either side") {
  check_all({{"$1200.50", 120'050},
             {"US$ 1200.50", 120'050},
             {"1200.50 €", 120'050},
             {"EUR 5000", 500'000},
             {"5000 eur", 500'000},
             {"£12", 1200},
             {"12\xc2\xa0kr", 1200},
             {"₹ 12", 1200},
             {"R$12", 1200},
             {"12 z\xc5\x82", 1200},
             {"$12 USD", 1200},
             {"CHF12", 1200}});
}

TEST_CASE("thousands marks are read where they are stated") {
  check_all({{"$1,200.50", 120'050},
             {"1,234,567", 123'456'700},
             {"12,34,567.5", 123'456'750},
             {"999", 99'900},
             {"1,234.567", 123'457},
             {"1.234", 123}},
            marks(".", ","));
  check_all(
      {{"1.200,50 €", 120'050}, {"1.234.567", 123'456'700}, {"1.234", 123'400}, {"12,5", 1250}, {"500,-", 50'000}},
      marks(",", "."));
  check_all({{"1 200,50 €", 120'050},
             {"1\xc2\xa0"
              "234\xe2\x80\xaf"
              "567,5",
              123'456'750},
             {"1234,5", 123'450}},
            marks(",", " "));
  check_all({{"1'200.50", 120'050}}, marks(".", "'"));
}

TEST_CASE("what could mean two amounts is noted, not guessed") {
  // Undeclared marks.
  check_all({{"1,200.50", kNone}, {"1,200", kNone}, {"1,5", kNone}, {"1 200", kNone}, {"1'200", kNone}});
  check_all({{"1.234,56", kNone}, {"1234.56", kNone}, {"1.234", kNone}}, marks(",", ""));
  // Groups that are none.
  check_all({{"1.234,56", kNone},
             {"12,3", kNone},
             {"1,2345", kNone},
             {"1234,567", kNone},
             {"1,,234", kNone},
             {",234", kNone},
             {"1,23,45", kNone},
             {"123,45,678", kNone},
             {"1,", kNone}},
            marks(".", ","));
  check_all({{"1234.56", kNone}, {"12.5", kNone}}, marks(",", "."));
  // Multiples and other words.
  check_all({{"50k", kNone},
             {"1.2M", kNone},
             {"5 Mio", kNone},
             {"5 mln", kNone},
             {"50%", kNone},
             {"500\xc2\xa2", kNone},
             {"n/a", kNone},
             {"nan", kNone},
             {"12-13", kNone},
             {"0x10", kNone},
             {"1e", kNone},
             {"1e5.5", kNone},
             {"$", kNone},
             {"-", kNone},
             {"()", kNone},
             {"1 2", kNone},
             {"12.5.7", kNone}});
  CHECK(read_amounts({"50k", "1,5"}).report.findings().at(DataRule::unreadable_amount).examples ==
        std::vector<std::string>{"1,5", "50k"});
}

TEST_CASE("a mark before three digits is decimal only where the column or the definition shows it") {
  check_all({{"1.234", kNone}, {"12.345", kNone}, {"500", 50'000}});
  check_all({{"1.234", 123}, {"12.5", 1250}});
  check_all({{"1.234", 123}, {"1234.567", 123'457}});
  check_all({{"1.234", kNone}, {"12.5", 1250}, {"1.234.567", kNone}});
  check_all({{"0.125", 13}});
  check_all({{"1,234", kNone}}, marks(",", ""));
  check_all({{"1,234", 123}, {"7,5", 750}}, marks(",", ""));
  // The sign of it may come late.
  std::vector<std::string> column(2000, "1.234");
  column.push_back("12.5");
  const ReadAmounts read = read_amounts(column);
  CHECK(read.amounts.front() == Money{123});
  CHECK(read.report.count(DataRule::unreadable_amount) == 0);
}

TEST_CASE("negative, infinite and too large amounts are impossible") {
  const ReadAmounts read = read_amounts({"-5", "(5)", "5-", "$-5", "($5.00)",
                                         "\xe2\x88\x92"
                                         "5",
                                         "-0.001", "inf", "Infinity", "-inf", "1e30", "10000000000001",
                                         "99999999999999999999999", "1e9999"});
  CHECK(read.report.count(DataRule::impossible_amount) == 14);
  for (const Money amount : read.amounts) CHECK(amount == kNoAmount);
}

TEST_CASE("random amounts written with any marks come back to the cent") {
  RandomStream random(41, 0);
  for (int round = 0; round < 200; ++round) {
    const char decimal = random.below(2) ? '.' : ',';
    const std::string thousands = std::vector<std::string>{"", decimal == '.' ? "," : ".", " ", "'"}[random.below(4)];
    const auto minor = static_cast<std::int64_t>(random.below(round % 2 ? 100'000 : 1'000'000'000'000'000));
    std::string digits = std::to_string(minor / 100);
    if (!thousands.empty()) {
      for (auto at = static_cast<int>(digits.size()) - 3; at > 0; at -= 3)
        digits.insert(static_cast<std::size_t>(at), thousands);
    }
    std::string cents = std::to_string(minor % 100 + 100).substr(1);
    if (minor % 10 == 0 && random.below(2)) cents.pop_back();
    const std::string currency = std::vector<std::string>{"", "EUR ", "$", "\xe2\x82\xac "}[random.below(4)];
    const std::string text = currency + digits + decimal + cents;
    INFO(text);
    CHECK(read_amounts({text}, marks(std::string(1, decimal), thousands)).amounts[0].minor == minor);
  }
}
