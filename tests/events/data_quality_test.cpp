#include <putki/core/random.hpp>
#include <putki/events/data_quality.hpp>

#include <catch2/catch.hpp>
#include <set>

using namespace putki;

namespace {

constexpr DataRule kLastRule = DataRule::not_utf8;

struct Found {
  DataRule rule;
  std::uint64_t row;
  std::string example;
};

std::vector<Found> random_findings(std::uint64_t stream, std::size_t count) {
  RandomStream random(7, stream);
  std::vector<Found> findings;
  for (std::size_t i = 0; i < count; ++i) {
    const auto rule = static_cast<DataRule>(random.below(static_cast<std::uint64_t>(kLastRule) + 1));
    findings.push_back(
        {rule, 2 + random.below(50), std::string(random.below(3), static_cast<char>('a' + random.below(9)))});
  }
  return findings;
}

DataQualityReport report_of(const std::vector<Found>& findings, std::size_t begin, std::size_t end) {
  DataQualityReport report;
  for (std::size_t i = begin; i < end; ++i) {
    report.row_read();
    if (!sets_aside(findings[i].rule)) report.row_used();
    report.found(findings[i].rule, findings[i].row, findings[i].example);
  }
  return report;
}

}  // namespace

TEST_CASE("every rule has a word of its own and a line for a person") {
  std::set<std::string_view> words;
  for (int rule = 0; rule <= static_cast<int>(kLastRule); ++rule) {
    words.insert(name(static_cast<DataRule>(rule)));
    CHECK_FALSE(explain(static_cast<DataRule>(rule)).empty());
  }
  CHECK(words.size() == static_cast<std::size_t>(kLastRule) + 1);
  CHECK(words.count("unknown_rule") == 0);
}

TEST_CASE("defects set rows aside, notes do not") {
  CHECK(sets_aside(DataRule::ignored_stage));
  CHECK(sets_aside(DataRule::after_terminal));
  CHECK_FALSE(sets_aside(DataRule::reopened));
  CHECK_FALSE(sets_aside(DataRule::undeclared_move));
}

TEST_CASE("reports merge to the report of the union, wherever they were split") {
  const auto findings = random_findings(1, 300);
  const DataQualityReport whole = report_of(findings, 0, findings.size());
  CHECK(whole.adds_up());
  for (std::size_t split = 0; split <= findings.size(); split += 23) {
    const DataQualityReport front = report_of(findings, 0, split);
    const DataQualityReport back = report_of(findings, split, findings.size());
    DataQualityReport ahead = front, behind = back;
    ahead.merge(back);
    behind.merge(front);
    CHECK(ahead == whole);
    CHECK(behind == whole);
  }
}

TEST_CASE("an empty report is the identity of merge") {
  const DataQualityReport report = report_of(random_findings(2, 40), 0, 40);
  DataQualityReport left, right = report;
  left.merge(report);
  right.merge(DataQualityReport{});
  CHECK(left == report);
  CHECK(right == report);
}

TEST_CASE("a report merged with itself counts everything twice") {
  DataQualityReport report = report_of(random_findings(3, 40), 0, 40);
  const auto before = report.count(DataRule::missing_id);
  report.merge(report);
  CHECK(report.rows_read() == 80);
  CHECK(report.count(DataRule::missing_id) == 2 * before);
}

TEST_CASE("the first rows are kept in order, however they were found") {
  DataQualityReport report;
  for (const std::uint64_t row : {9, 4, 30, 2, 17, 3, 99, 5}) report.found(DataRule::missing_id, row);
  CHECK(report.findings().at(DataRule::missing_id).first_rows == std::vector<std::uint64_t>{2, 3, 4, 5, 9});
  CHECK(report.count(DataRule::missing_id) == 8);
}

TEST_CASE("long examples are cut to 80 bytes without cutting a character in two") {
  DataQualityReport report;
  report.found(DataRule::unknown_stage, 2, std::string(79, 'x') + "\xc3\xa4" + "tail");
  CHECK(report.findings().at(DataRule::unknown_stage).examples == std::vector<std::string>{std::string(79, 'x')});
}
