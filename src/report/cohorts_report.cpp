#include <fmt/format.h>
#include <putki/report/cohorts_report.hpp>

#include "report/json.hpp"
#include "report/period_label.hpp"
#include "report/text_table.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <ostream>

namespace putki {
namespace {

Json cohort_share_json(const std::optional<ShareWithLimits>& share) {
  return share ? Json{{"share", share->share}, {"interval", interval_json(share->interval)}} : Json(nullptr);
}

Json projection_json(const std::optional<CohortProjection>& projection) {
  if (!projection) return nullptr;
  return {{"so_far", projection->so_far},
          {"expected", projection->expected},
          {"process_error", projection->process_error},
          {"estimate_error", projection->estimate_error},
          {"limits", interval_json(projection->limits)}};
}

const char* seen_word(CohortSeen seen) {
  return seen == CohortSeen::whole ? "whole" : seen == CohortSeen::part ? "part" : "none";
}

std::string cohort_number(std::uint64_t number) {
  return with_commas(static_cast<double>(number));
}

// What a cell has, of what its cohort has; nothing where that is nothing.
using CellShare = std::function<std::optional<double>(const CohortFigures&, const CohortCell&)>;

void write_triangle(std::ostream& out, const Cohorts& cohorts, const CellShare& share, bool pooled) {
  std::vector<TextTable::Align> columns(cohorts.ages.size() + 2, TextTable::Align::right);
  columns.front() = TextTable::Align::left;
  TextTable table(columns);
  std::vector<std::string> headings{"Created", "Deals"};
  for (const int age : cohorts.ages) headings.push_back(fmt::format("{} d ", age));
  table.row(headings);
  table.rule();
  for (const CohortFigures& cohort : cohorts.cohorts) {
    std::vector<std::string> cells{period_label(cohort.period, cohorts.unit), cohort_number(cohort.deals)};
    for (const CohortCell& cell : cohort.cells) {
      const auto value = cell.seen == CohortSeen::none ? std::nullopt : share(cohort, cell);
      cells.push_back(!value                           ? ""
                      : cell.seen == CohortSeen::whole ? fmt::format("{:.1f} ", 100 * *value)
                                                       : fmt::format("{:.1f}+", 100 * *value));
    }
    table.row(cells);
  }
  if (pooled) {
    table.rule();
    std::vector<std::string> cells{"All", ""};
    for (const ShareWithLimits& all : cohorts.pooled_won) cells.push_back(fmt::format("{:.1f} ", 100 * all.share));
    table.row(cells);
  }
  table.write(out);
}

void write_projection(std::ostream& out, const Cohorts& cohorts, bool by_value) {
  using enum TextTable::Align;
  double largest = 0;
  for (const CohortFigures& cohort : cohorts.cohorts) largest = std::max(largest, cohort.value->limits.upper);
  const double unit = by_value ? money_unit(largest, 1e6) : 1;
  TextTable table({left, right, right, right, right, right, right});
  const std::string by = fmt::format("By {} d", *cohorts.horizon);
  table.row({"Created", by_value ? "Known value" : "Deals", "Open", "Won so far", by,
             fmt::format("{:g} % limits", 100 * cohorts.level), by_value ? "% of value" : "% of deals"});
  table.rule();
  for (const CohortFigures& cohort : cohorts.cohorts) {
    const CohortProjection& projection = by_value ? *cohort.value : *cohort.count;
    const double whole = by_value ? cohort.amount.units() : static_cast<double>(cohort.deals);
    table.row({period_label(cohort.period, cohorts.unit), with_commas(whole / unit), cohort_number(cohort.open),
               with_commas(projection.so_far / unit), with_commas(projection.expected / unit),
               cohort.mature
                   ? "known"
                   : with_commas(projection.limits.lower / unit) + " - " + with_commas(projection.limits.upper / unit),
               whole > 0 ? fmt::format("{:.1f}", 100 * projection.expected / whole) : ""});
  }
  table.write(out);
  if (unit > 1) out << "Money in units of " << with_commas(unit) << ".\n";
}

}  // namespace

std::string to_json(const Cohorts& cohorts) {
  Json list = Json::array(), pooled = Json::array();
  for (const ShareWithLimits& share : cohorts.pooled_won) pooled.push_back(cohort_share_json(share));
  for (const CohortFigures& cohort : cohorts.cohorts) {
    Json cells = Json::array();
    for (const CohortCell& cell : cohort.cells)
      cells.push_back({{"seen", seen_word(cell.seen)},
                       {"won", cell.won},
                       {"ended", cell.ended},
                       {"won_value", cell.won_value.units()},
                       {"won_share", cohort_share_json(cell.won_share)},
                       {"ended_share", cohort_share_json(cell.ended_share)},
                       {"value_share", number_or_null(cell.value_share)}});
    list.push_back({{"begin", to_string(cohort.period.begin)},
                    {"end", to_string(cohort.period.end)},
                    {"deals", cohort.deals},
                    {"open", cohort.open},
                    {"amounts_known", cohort.amounts_known},
                    {"amount", cohort.amount.units()},
                    {"mature", cohort.mature},
                    {"cells", cells},
                    {"count", projection_json(cohort.count)},
                    {"value", projection_json(cohort.value)}});
  }
  return Json{{"as_of", to_string(cohorts.as_of)},
              {"unit", to_string(cohorts.unit)},
              {"earlier_deals", cohorts.earlier_deals},
              {"ages", cohorts.ages},
              {"horizon", cohorts.horizon ? Json(*cohorts.horizon) : Json(nullptr)},
              {"level", cohorts.level},
              {"dispersion", cohorts.dispersion},
              {"pooled_won", pooled},
              {"cohorts", list}}
      .dump(2);
}

void write_tables(std::ostream& out, const Cohorts& cohorts) {
  if (cohorts.cohorts.empty()) {
    out << "No deals, no cohorts.\n";
    return;
  }
  if (!cohorts.horizon) {
    out << "No " << to_string(cohorts.unit) << " of deals has been followed long enough to be compared yet.\n";
    return;
  }
  const ShareWithLimits& all = cohorts.pooled_won.back();
  out << wrapped(fmt::format("{} of deals are won within {} days of creation ({:g} % limits {:.1f}-{:.1f} %).",
                             percent(all.share), *cohorts.horizon, 100 * cohorts.level, 100 * all.interval.lower,
                             100 * all.interval.upper));
  const CohortFigures* latest = nullptr;
  const CohortFigures* before = nullptr;
  for (const CohortFigures& cohort : cohorts.cohorts) {
    if (cohort.deals == 0 || !cohort.cells.front().won_share) continue;
    before = latest;
    latest = &cohort;
  }
  if (latest != nullptr && before != nullptr)
    out << fmt::format("Within {} days {} of those of {} were won, {} of {}.\n", cohorts.ages.front(),
                       percent(latest->cells.front().won_share->share), period_label(latest->period, cohorts.unit),
                       percent(before->cells.front().won_share->share), period_label(before->period, cohorts.unit));
  if (cohorts.earlier_deals > 0)
    out << counted(static_cast<double>(cohorts.earlier_deals), "deal") << " of earlier cohorts "
        << (cohorts.earlier_deals == 1 ? "is" : "are") << " used, but not shown.\n";

  const auto of_deals = [](std::uint64_t CohortCell::*count) -> CellShare {
    return [count](const CohortFigures& cohort, const CohortCell& cell) -> std::optional<double> {
      if (cohort.deals == 0) return std::nullopt;
      return static_cast<double>(cell.*count) / static_cast<double>(cohort.deals);
    };
  };
  out << "\nPercent of deals won by age. Blank: not that old yet; +: in part, may yet grow.\n\n";
  write_triangle(out, cohorts, of_deals(&CohortCell::won), true);

  out << fmt::format("\nWon within {} days of creation, young cohorts as their open deals may yet do:\n\n",
                     *cohorts.horizon);
  write_projection(out, cohorts, false);
  if (cohorts.dispersion > 1.1)
    out << fmt::format("Cohorts differ more than chance would have it: limits are {:.1f} times as wide.\n",
                       std::sqrt(cohorts.dispersion));

  out << "\nPercent of deals won or lost by age:\n\n";
  write_triangle(out, cohorts, of_deals(&CohortCell::ended), false);

  std::uint64_t deals = 0, known = 0;
  for (const CohortFigures& cohort : cohorts.cohorts) {
    deals += cohort.deals;
    known += cohort.amounts_known;
  }
  if (known == 0) return;
  out << fmt::format(
      "\nThe same by value, of {} with a known amount (not known: {}).\nPercent of value won by age:\n\n",
      counted(static_cast<double>(known), "deal"), cohort_number(deals - known));
  write_triangle(
      out, cohorts,
      [](const CohortFigures& cohort, const CohortCell& cell) -> std::optional<double> {
        if (cohort.amount.minor <= 0) return std::nullopt;
        return cell.won_value.units() / cohort.amount.units();
      },
      false);
  out << '\n';
  write_projection(out, cohorts, true);
}

}  // namespace putki
