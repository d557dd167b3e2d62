#include <putki/value/customer_segments.hpp>

#include <putki/survival/kaplan_meier.hpp>
#include <putki/value/segment_models.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <type_traits>

namespace putki {
namespace {

constexpr std::size_t kLeastParameterDraws = 20;
constexpr double kSegmentLevel = 0.8;
constexpr double kDaysAYear = 365.25;

void check_segments(const CustomerSegmentsOptions& options, std::size_t customers, std::size_t named) {
  if (!(options.annual_discount > 0) || !std::isfinite(options.annual_discount))
    throw InvalidArgument(
        fmt::format("annual discount is {}; it must be above 0 and finite, such as 0.15", options.annual_discount));
  if (!(options.days_per_unit > 0) || !std::isfinite(options.days_per_unit))
    throw InvalidArgument(fmt::format("a unit of {} days; it must be above 0 and finite", options.days_per_unit));
  if (options.draws < kLeastParameterDraws)
    throw InvalidArgument(
        fmt::format("{} draws of the parameters; at least {} are needed", options.draws, kLeastParameterDraws));
  if (named != 0 && named != customers)
    throw InvalidArgument(
        fmt::format("{} customers with {} names of segments; one each, or none at all", customers, named));
}

// By name, in byte order, the places of its customers.
std::map<std::string, std::vector<std::size_t>> members_of(const std::vector<std::string>& segment_of) {
  std::map<std::string, std::vector<std::size_t>> members;
  for (std::size_t i = 0; i < segment_of.size(); ++i) members[segment_of[i]].push_back(i);
  return members;
}

template <class Record>
std::vector<Record> chosen(const std::vector<Record>& records, const std::vector<std::size_t>& places) {
  std::vector<Record> some;
  for (const std::size_t place : places) some.push_back(records[place]);
  return some;
}

template <class Record>
auto cells_of(const std::vector<Record>& records) {
  CellCounts<std::remove_cvref_t<decltype(records.front().cell)>> cells;
  for (const Record& record : records) cells.add(record.cell);
  return cells;
}

template <class Cell>
CellCounts<SpendCell> spend_of(const std::vector<CustomerRecord<Cell>>& records) {
  CellCounts<SpendCell> spend;
  for (const CustomerRecord<Cell>& record : records)
    if (record.priced_repeats > 0) spend.add({record.priced_repeats, record.repeat_spend});
  return spend;
}

bool has_bought_again(const PurchaseCell& cell) {
  return cell.repeats > 0;
}
bool has_bought_again(const OpportunityCell& cell) {
  return cell.purchases > 0;
}

template <class Model>
CustomerSegment purchasers(std::string name, const Model& model, const GammaGamma& spend,
                           const std::vector<CustomerRecord<typename Model::Customer>>& records,
                           const CustomerSegmentsOptions& options) {
  CustomerSegment segment{.name = std::move(name),
                          .revenue = CustomerRevenue::of_purchases(model, spend, records, options.days_per_unit),
                          .customers = records.size()};
  std::map<typename Model::Customer, double> alive;
  for (const auto& record : records) {
    segment.repeat_buyers += has_bought_again(record.cell) ? 1 : 0;
    const auto [place, is_new] = alive.try_emplace(record.cell, 0.0);
    if (is_new) place->second = model.probability_alive(record.cell);
    segment.alive += place->second;
  }
  const double continuous = rate_per_unit(options.annual_discount, options.days_per_unit);
  const double rate = std::is_same_v<typename Model::Customer, OpportunityCell> ? std::expm1(continuous) : continuous;
  const auto later = [&](const Model& drawn, const GammaGamma& amounts) {
    return amounts.expected_spend() * drawn.discounted_purchases(rate);
  };
  std::vector<double> sample;
  for (std::size_t i = 0; i < options.draws; ++i) {
    RandomStream stream(options.seed, i);
    const Model drawn = model.with_parameters(model.fit().draw(stream));
    sample.push_back(later(drawn, spend.with_parameters(spend.fit().draw(stream))));
  }
  segment.later_value = summarised(later(model, spend), std::move(sample));
  return segment;
}

YearRetention retention_of(const std::vector<ContractRecord>& records, double days_per_unit, const ValueTotal& share) {
  YearRetention year{.periods = std::max(1.0, std::round(kDaysAYear / days_per_unit)),
                     .expected = share.expected,
                     .limits = share.interval(kSegmentLevel)};
  Durations renewals;
  double longest = 0;
  for (const ContractRecord& record : records) {
    const TenureCell& cell = record.cell;
    // The renewal that failed is the one after those made; who was never seen to decide tells nothing.
    const double seen = cell.survived + (cell.ended ? 1 : 0);
    if (seen <= cell.entered) continue;
    renewals.time.push_back(seen);
    renewals.cause.push_back(cell.ended ? 1 : 0);
    renewals.entry.push_back(cell.entered);
    longest = std::max(longest, seen);
  }
  const SurvivalCurve curve = kaplan_meier(renewals);
  if (longest >= year.periods || (!curve.values.empty() && curve.values.back() == 0)) {
    year.observed = curve.survival(year.periods);
    year.observed_limits = curve.interval(year.periods, kSegmentLevel);
  }
  return year;
}

template <class Model>
CustomerSegment contractors(std::string name, const Model& model, const std::vector<ContractRecord>& records,
                            double usual_fee, unsigned unseen, const CustomerSegmentsOptions& options) {
  double fees = 0, payers = 0;
  for (const ContractRecord& record : records) {
    fees += record.fee.value_or(0);
    payers += record.fee ? 1 : 0;
  }
  const double fee = fees > 0 ? fees / payers : usual_fee;
  std::vector<ContractRecord> paying = records;
  for (ContractRecord& record : paying)
    if (!record.fee) record.fee = fee;
  CustomerSegment segment{.name = std::move(name),
                          .revenue = CustomerRevenue::of_contracts(model, paying, unseen, options.days_per_unit, fee),
                          .fee = fee,
                          .customers = records.size()};
  for (const ContractRecord& record : records) {
    segment.repeat_buyers += record.cell.survived > 0 ? 1 : 0;
    if (record.stays()) segment.alive += model.survival_after(record.cell.survived, unseen);
  }
  const double rate = std::expm1(rate_per_unit(options.annual_discount, options.days_per_unit)),
               periods = std::max(1.0, std::round(kDaysAYear / options.days_per_unit));
  segment.year = retention_of(
      records, options.days_per_unit,
      under_parameters(
          model, [&](const Model& drawn) { return drawn.survival(periods); }, options.draws, options.seed));
  // The first period is the sale.
  segment.later_value = under_parameters(
      model, [&](const Model& drawn) { return fee * (drawn.discounted_periods(rate) - 1); }, options.draws,
      options.seed);
  return segment;
}

}  // namespace

const CustomerSegment& CustomerSegments::of(std::string_view name) const {
  if (name.empty()) return everybody;
  const auto found =
      std::find_if(segments.begin(), segments.end(), [&](const CustomerSegment& s) { return s.name == name; });
  return found == segments.end() ? everybody : *found;
}

template <PurchaseModel Model>
CustomerSegments segment_purchasers(Model (*fit)(const CellCounts<typename Model::Customer>&, const ValueFitOptions&),
                                    const std::vector<CustomerRecord<typename Model::Customer>>& customers,
                                    const std::vector<std::string>& segment_of,
                                    const CustomerSegmentsOptions& options) {
  using Cell = typename Model::Customer;
  check_segments(options, customers.size(), segment_of.size());
  const auto fit_cells = [&](const CellCounts<Cell>& cells) {
    return fit(cells, ValueFitOptions{.days_per_unit = options.days_per_unit});
  };
  const auto fit_spend = [](const CellCounts<SpendCell>& cells) { return fit_gamma_gamma(cells); };
  const auto members = members_of(segment_of);
  std::vector<CellCounts<Cell>> cells;
  std::vector<CellCounts<SpendCell>> spend;
  for (const auto& [name, places] : members) {
    const auto own = chosen(customers, places);
    cells.push_back(cells_of(own));
    spend.push_back(spend_of(own));
  }
  CustomerSegments result{.annual_discount = options.annual_discount};
  if (members.empty()) {
    result.everybody =
        purchasers("", fit_cells(cells_of(customers)), fit_spend(spend_of(customers)), customers, options);
    return result;
  }
  const auto models = fit_segments(cells, fit_cells, options.seed);
  const auto spends = fit_segments(spend, fit_spend, options.seed);
  result.everybody = purchasers("", models.pool, spends.pool, customers, options);
  result.pooled_customers = models.pooled_customers;
  std::size_t s = 0;
  for (const auto& [name, places] : members) {
    result.segments.push_back(purchasers(name, models.models[s], spends.models[s], chosen(customers, places), options));
    ++s;
  }
  return result;
}

template <RenewalChance chance>
CustomerSegments segment_contracts(ContractModel<chance> (*fit)(const TenureStatistics&, const ValueFitOptions&),
                                   const std::vector<ContractRecord>& customers,
                                   const std::vector<std::string>& segment_of, unsigned unseen,
                                   const CustomerSegmentsOptions& options) {
  check_segments(options, customers.size(), segment_of.size());
  if (unseen > 1) throw InvalidArgument(fmt::format("{} renewals unseen; 0 and 1 are allowed", unseen));
  double fees = 0, payers = 0;
  for (const ContractRecord& customer : customers) {
    fees += customer.fee.value_or(0);
    payers += customer.fee ? 1 : 0;
  }
  if (!(fees > 0))
    throw NotEnoughData(
        fmt::format("none of {} contracts has a fee above 0: what they bring is not known", customers.size()));
  const double usual_fee = fees / payers;
  const auto fit_cells = [&](const TenureStatistics& cells) { return fit(cells, {}); };
  const auto members = members_of(segment_of);
  CustomerSegments result{.annual_discount = options.annual_discount};
  if (members.empty()) {
    result.everybody = contractors("", fit_cells(cells_of(customers)), customers, usual_fee, unseen, options);
    return result;
  }
  std::vector<TenureStatistics> cells;
  for (const auto& [name, places] : members) cells.push_back(cells_of(chosen(customers, places)));
  const auto models = fit_segments(cells, fit_cells, options.seed);
  result.everybody = contractors("", models.pool, customers, usual_fee, unseen, options);
  result.pooled_customers = models.pooled_customers;
  std::size_t s = 0;
  for (const auto& [name, places] : members)
    result.segments.push_back(
        contractors(name, models.models[s++], chosen(customers, places), usual_fee, unseen, options));
  return result;
}

#define PUTKI_SEGMENT_PURCHASERS(Model)                                                                               \
  template CustomerSegments segment_purchasers(Model (*)(const CellCounts<Model::Customer>&, const ValueFitOptions&), \
                                               const std::vector<CustomerRecord<Model::Customer>>&,                   \
                                               const std::vector<std::string>&, const CustomerSegmentsOptions&)
PUTKI_SEGMENT_PURCHASERS(BgNbd);
PUTKI_SEGMENT_PURCHASERS(MbgNbd);
PUTKI_SEGMENT_PURCHASERS(ParetoNbd);
PUTKI_SEGMENT_PURCHASERS(BgBb);
#undef PUTKI_SEGMENT_PURCHASERS
template CustomerSegments segment_contracts(Sbg (*)(const TenureStatistics&, const ValueFitOptions&),
                                            const std::vector<ContractRecord>&, const std::vector<std::string>&,
                                            unsigned, const CustomerSegmentsOptions&);
template CustomerSegments segment_contracts(BetaDiscreteWeibull (*)(const TenureStatistics&, const ValueFitOptions&),
                                            const std::vector<ContractRecord>&, const std::vector<std::string>&,
                                            unsigned, const CustomerSegmentsOptions&);

}  // namespace putki
