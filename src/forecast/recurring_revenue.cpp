#include <putki/core/error.hpp>
#include <putki/core/parallel.hpp>
#include <putki/forecast/recurring_revenue.hpp>

#include "forecast/horizon_problems.hpp"
#include "forecast/win_draws.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace putki {
namespace {

constexpr std::size_t kRecurringDrawsPerTask = 16;
constexpr int kPieceDays = 7;
/// Customers' streams are those of another seed than the pipeline's.
constexpr std::uint64_t kCustomersSeed = 0x637573746f6d6572;
/// Of the day on which his deal is won, after its beginning.
constexpr double kNewcomerStarts = 0.5;

void check_recurring_input(const OpenPipeline& pipeline, const ForecastOptions& options,
                           const RecurringOptions& recurring) {
  if (recurring.draws == 0) throw InvalidArgument("recurring revenue from 0 draws; at least 1 is needed");
  if (!options.uncertain.wins)
    throw InvalidArgument("recurring revenue with wins taken as certain; customers are won or not, wins must be drawn");
  if (recurring.typical_sale && (!(*recurring.typical_sale > 0) || !std::isfinite(*recurring.typical_sale)))
    throw InvalidArgument(fmt::format("a typical sale of {}; it must be above 0 and finite", *recurring.typical_sale));
  if (recurring.customers_from && *recurring.customers_from > pipeline.first_day + Days{1})
    throw InvalidArgument(
        fmt::format("customers' records end before {}, the horizon begins on {}; at most a day later is allowed",
                    to_string(*recurring.customers_from), to_string(pipeline.first_day)));
}

/// The periods in pieces, and the period of each.
struct Pieces {
  std::vector<HorizonPeriod> pieces;
  std::vector<std::size_t> period_of;
};

Pieces cut_into_pieces(const std::vector<HorizonPeriod>& periods) {
  Pieces cut;
  for (std::size_t p = 0; p < periods.size(); ++p)
    for (int begin = periods[p].begin; begin < periods[p].end;) {
      const int end = std::min(periods[p].end, (begin / kPieceDays + 1) * kPieceDays);
      cut.pieces.push_back({periods[p].period, begin, end, 0});
      cut.period_of.push_back(p);
      begin = end;
    }
  return cut;
}

/// What is drawn of each part, by draw and period; booked is certain.
struct DrawnParts {
  Matrix open, not_yet_created, todays, newcomers;
  DrawnParts(std::size_t draws, std::size_t periods)
      : open(draws, periods), not_yet_created(draws, periods), todays(draws, periods), newcomers(draws, periods) {}
};

/// Expected revenue of newcomers by period: `newcomers` of each piece, `by_noon` what one brings up to half a day, one
/// and a half, .. after his sale.
std::vector<double> expected_of_newcomers(const std::vector<HorizonPeriod>& periods, const Pieces& cut,
                                          const std::vector<double>& newcomers, const std::vector<double>& by_noon) {
  const auto until = [&](int days) { return days > 0 ? by_noon[static_cast<std::size_t>(days - 1)] : 0.0; };
  std::vector<double> expected(periods.size());
  for (std::size_t piece = 0; piece < cut.pieces.size(); ++piece) {
    const int begin = cut.pieces[piece].begin, end = cut.pieces[piece].end;
    if (newcomers[piece] == 0) continue;
    for (int won = begin; won < end; ++won)
      for (std::size_t p = cut.period_of[piece]; p < periods.size(); ++p) {
        const double last = until(periods[p].end - won);
        // Without a finite mean of what a purchase brings, all is infinite.
        const double of_one = std::isfinite(last) ? last - until(periods[p].begin - won) : last;
        expected[p] += newcomers[piece] / (end - begin) * of_one;
      }
  }
  return expected;
}

/// Moments and distributions of one row of the table from its draws.
class Summary {
 public:
  Summary(std::size_t draws, double booked) : booked_(booked), total_(draws, booked), recurring_(draws) {}

  /// Adds the draws of a period.
  void add(const DrawnParts& drawn, std::size_t p) {
    for (std::size_t draw = 0; draw < total_.size(); ++draw) {
      recurring_[draw] += drawn.todays(draw, p) + drawn.newcomers(draw, p);
      total_[draw] +=
          drawn.open(draw, p) + drawn.not_yet_created(draw, p) + drawn.todays(draw, p) + drawn.newcomers(draw, p);
    }
    periods_.push_back(p);
  }

  /// `pipeline`: the exact moments; the means of today's customers and of newcomers.
  RecurringPeriod finish(const DrawnParts& drawn, const Period& period, const RevenueMoments& pipeline, double todays,
                         double newcomers) const {
    RecurringPeriod result;
    result.period = period;
    result.booked = {booked_, 0, 0};
    result.open = part(drawn.open, pipeline.open_mean);
    result.not_yet_created = part(drawn.not_yet_created, pipeline.new_mean);
    result.todays_customers = part(drawn.todays, todays);
    result.customers_to_be_won = part(drawn.newcomers, newcomers);
    result.recurring = part_of(recurring_, todays + newcomers);
    result.mean = booked_ + pipeline.open_mean + pipeline.new_mean + result.recurring.mean;
    result.revenue = RevenueDistribution::from_sample(total_);
    result.recurring_revenue = RevenueDistribution::from_sample(recurring_);
    result.open_wins = pipeline.open_wins;
    result.new_wins = pipeline.new_wins;
    return result;
  }

 private:
  ForecastPart part(const Matrix& drawn, double mean) const {
    std::vector<double> values(total_.size());
    for (std::size_t draw = 0; draw < values.size(); ++draw)
      for (const std::size_t p : periods_) values[draw] += drawn(draw, p);
    return part_of(values, mean);
  }
  ForecastPart part_of(const std::vector<double>& values, double mean) const {
    const auto mean_of = [](const std::vector<double>& of) {
      double sum = 0;
      for (const double value : of) sum += value;
      return sum / static_cast<double>(of.size());
    };
    const double own = mean_of(values), all = mean_of(total_), count = static_cast<double>(values.size());
    double square = 0, product = 0, total_square = 0;
    for (std::size_t draw = 0; draw < values.size(); ++draw) {
      square += (values[draw] - own) * (values[draw] - own);
      product += (values[draw] - own) * (total_[draw] - all);
      total_square += (total_[draw] - all) * (total_[draw] - all);
    }
    return {mean, std::sqrt(square / count), total_square > 0 ? product / total_square : 0};
  }

  double booked_;
  std::vector<double> total_, recurring_;
  std::vector<std::size_t> periods_;
};

}  // namespace

RecurringForecast forecast_with_recurring(const ForecastModel& model, const OpenPipeline& pipeline,
                                          const CustomerRevenue& customers, const ForecastOptions& options,
                                          const RecurringOptions& recurring) {
  check_forecast_input(model, pipeline, options);
  check_recurring_input(pipeline, options, recurring);
  const std::vector<HorizonPeriod> periods = horizon_periods(pipeline, options);
  const Pieces cut = cut_into_pieces(periods);
  ForecastOptions exact = options;
  exact.threads = recurring.threads;
  exact.progress = {};
  const std::vector<HorizonProblem> problems = horizon_problems(model, pipeline, exact);
  const WinDraws draws(model, pipeline, options, cut.pieces, WinChanceSource::first_passage, recurring.threads);

  // Edges of the periods: of the customers of today on their own clock, of newcomers on the horizon's.
  const int passed =
      recurring.customers_from ? static_cast<int>((pipeline.first_day - *recurring.customers_from).count()) : 0;
  std::vector<double> todays_edges, newcomers_edges;
  for (std::size_t p = 0; p <= periods.size(); ++p) {
    const int edge = p < periods.size() ? periods[p].begin : periods.back().end;
    todays_edges.push_back(std::max(0, passed + edge));
    newcomers_edges.push_back(edge);
  }

  DrawnParts drawn(recurring.draws, periods.size());
  parallel_for(
      (recurring.draws + kRecurringDrawsPerTask - 1) / kRecurringDrawsPerTask,
      [&](std::size_t task) {
        WinDraws::Workspace work = draws.workspace();
        std::vector<DrawnWin> wins;
        const std::size_t first = task * kRecurringDrawsPerTask;
        for (std::size_t draw = first; draw < std::min(recurring.draws, first + kRecurringDrawsPerTask); ++draw) {
          wins.clear();
          draws.wins(draw, work, wins);
          RandomStream random(options.seed ^ kCustomersSeed, draw);
          const CustomerRevenue::World world = customers.draw(random);
          world.add_customers(todays_edges, random, drawn.todays.row(draw));
          for (const DrawnWin& win : wins) {
            const HorizonPeriod& piece = cut.pieces[win.period];
            (win.is_open ? drawn.open : drawn.not_yet_created)(draw, cut.period_of[win.period]) += win.amount;
            const auto day = static_cast<double>(random.below(static_cast<std::uint64_t>(piece.end - piece.begin)));
            world.add_newcomer(piece.begin + day + kNewcomerStarts, newcomers_edges, random, drawn.newcomers.row(draw),
                               recurring.typical_sale ? win.amount / *recurring.typical_sale : 1);
          }
        }
      },
      recurring.threads, recurring.progress);

  std::vector<double> newcomers, by_noon;
  for (const WinDraws::Expected& expected : draws.expected())
    newcomers.push_back(recurring.typical_sale ? expected.amount / *recurring.typical_sale : expected.wins);
  for (int day = 0; day < options.horizon_days; ++day)
    by_noon.push_back(customers.expected_of_newcomer(0, day + kNewcomerStarts));
  const std::vector<double> of_newcomers = expected_of_newcomers(periods, cut, newcomers, by_noon);

  RecurringForecast result{.as_of = pipeline.as_of,
                           .horizon_days = options.horizon_days,
                           .periods = {},
                           .total = {},
                           .simulation = {{}, Matrix(recurring.draws, periods.size()), {}}};
  Summary whole(recurring.draws, periods.front().booked);
  double newcomers_mean = 0;
  for (std::size_t p = 0; p < periods.size(); ++p) {
    Summary summary(recurring.draws, periods[p].booked);
    summary.add(drawn, p);
    whole.add(drawn, p);
    newcomers_mean += of_newcomers[p];
    result.periods.push_back(summary.finish(drawn, periods[p].period, moments_of(problems[p].problem),
                                            customers.expected(todays_edges[p], todays_edges[p + 1]), of_newcomers[p]));
    result.simulation.periods.push_back(periods[p].period);
    for (std::size_t draw = 0; draw < recurring.draws; ++draw)
      result.simulation.revenue(draw, p) = periods[p].booked + drawn.open(draw, p) + drawn.not_yet_created(draw, p) +
                                           drawn.todays(draw, p) + drawn.newcomers(draw, p);
  }
  result.total = whole.finish(drawn, {periods.front().period.begin, periods.back().period.end},
                              moments_of(problems.back().problem),
                              customers.expected(todays_edges.front(), todays_edges.back()), newcomers_mean);
  result.simulation.total = result.total.revenue;
  return result;
}

}  // namespace putki
