#include <putki/forecast/inflow.hpp>

#include <putki/core/day_type.hpp>
#include <putki/core/error.hpp>
#include <putki/model/level.hpp>
#include <putki/model/negative_binomial.hpp>

#include "forecast/inflow_fit.hpp"

#include <fmt/format.h>
#include <Eigen/Cholesky>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

namespace putki {
namespace {

constexpr double kYear = 365.2425;
constexpr int kHarmonics = 2;
constexpr std::size_t kGrowth = 1 + kDayTypes, kSeason = kGrowth + 1;
constexpr double kInterceptDeviation = 3, kDayTypeDeviation = 1;
constexpr double kUsualDispersion = 0.05, kLogDispersionDeviation = 1.5;
constexpr std::array<double, 5> kLevelHalfLives{4, 12, 36, 108, 324};
/// In units of usual_deviation.
constexpr std::array<double, 7> kDeviations{0.1, 0.3, 0.6, 1.0, 1.5, 2.25, 3.5};
/// Where the dispersion's profile is looked at first: half-life and deviation by number.
constexpr std::array<std::array<std::size_t, 2>, 5> kScouts{{{1, 0}, {1, 2}, {1, 4}, {3, 2}, {3, 4}}};
constexpr std::array<double, 5> kDispersionSteps{1.0 / 32, 1.0 / 8, 1.0 / 3, 0.65, 1.0};
/// Courses below this share of the best one's weight are dropped.
constexpr double kLeastWeight = 1e-3;

/// One row of the design; `growth` in years.
void fill_row(std::span<double> row, int type, double growth, DayNumber day) {
  std::fill(row.begin(), row.end(), 0.0);
  row[0] = 1;
  row[1 + static_cast<std::size_t>(type)] = 1;
  row[kGrowth] = growth;
  for (std::size_t i = kSeason, k = 1; i + 1 < row.size(); i += 2, ++k) {
    const double angle = 2 * std::numbers::pi * static_cast<double>(k) * static_cast<double>(day) / kYear;
    row[i] = std::cos(angle);
    row[i + 1] = std::sin(angle);
  }
}

/// Design of the days ahead.
Matrix rows_ahead(const InflowModel& model, Day begin, int days) {
  const DayTypes types(begin, begin + Days{days}, model.calendar);
  Matrix design(static_cast<std::size_t>(days), model.courses.front().coefficients.size());
  const double tau = model.growth_half_life / std::numbers::ln2;
  for (int d = 0; d < days; ++d) {
    const auto place = static_cast<std::size_t>(d);
    fill_row(design.row(place), types.types()[place], -tau * std::expm1(-(d + 1) / tau) / kYear,
             static_cast<DayNumber>(begin.time_since_epoch().count()) + d);
  }
  return design;
}

double dot(std::span<const double> a, std::span<const double> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

/// exp(z sqrt(v)) scaled to mean 1, as a gamma variable of variance v (Wilson & Hilferty): the posterior of a rate,
/// where a log-normal one of few deals would have too large a mean.
double gamma_factor(double z, double variance) {
  if (variance < 1e-12) return 1;
  const double ninth = variance / 9;
  return std::pow(std::max(1 - ninth + z * std::sqrt(ninth), 0.02), 3);
}

InflowModel::Course course_of(const LeveledFit& fit, double persistence, double deviation) {
  InflowModel::Course course{.weight = 0,
                             .persistence = persistence,
                             .deviation = deviation,
                             .coefficients = fit.coefficients,
                             .spread = fit.covariance,
                             .level = fit.level,
                             .level_slopes = fit.level_slopes,
                             .level_deviation = fit.level_deviation};
  const auto size = static_cast<Eigen::Index>(fit.coefficients.size());
  using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  Eigen::Map<RowMajor> spread(course.spread.values().data(), size, size);
  spread = RowMajor(Eigen::LLT<Eigen::MatrixXd>(Eigen::MatrixXd(spread)).matrixL());
  return course;
}

void check(const InflowOptions& options) {
  const auto refuse = [](const char* what, double value, const char* allowed) {
    if (value < 0 || !std::isfinite(value))
      throw InvalidArgument(fmt::format("inflow: {} {} is not {}", what, value, allowed));
  };
  refuse("usual deviation", options.usual_deviation, "0 or more");
  refuse("usual growth", options.usual_growth, "0 or more");
  refuse("usual season", options.usual_season, "0 or more");
  if (!(options.growth_half_life > 0) || !std::isfinite(options.growth_half_life))
    throw InvalidArgument(fmt::format("inflow: growth half-life {} is not above 0 days", options.growth_half_life));
  if (!(options.season_years > 0) || !std::isfinite(options.season_years))
    throw InvalidArgument(
        fmt::format("inflow: a season from {} years on; allowed are more than 0", options.season_years));
  if (options.most_days < 1)
    throw InvalidArgument(fmt::format("inflow: {} days to look at; 1 or more are needed", options.most_days));
}

}  // namespace

std::vector<double> InflowModel::expected_rates(Day begin, int days) const {
  std::vector<double> rates(static_cast<std::size_t>(days), courses.empty() ? per_day : 0.0);
  if (courses.empty() || per_day <= 0) return rates;
  const Matrix design = rows_ahead(*this, begin, days);
  for (const Course& course : courses) {
    double fade = 1;
    for (std::size_t d = 0; d < rates.size(); ++d) {
      fade *= course.persistence;
      const double square = fade * fade, known = course.level_deviation * course.level_deviation,
                   prior = course.deviation * course.deviation;
      rates[d] +=
          course.weight * per_day *
          std::exp(dot(design.row(d), course.coefficients) + fade * course.level + 0.5 * square * (known - prior));
    }
  }
  return rates;
}

std::vector<double> InflowModel::draw_rates(RandomStream& random, Day begin, int days, double where,
                                            bool mirrored) const {
  std::vector<double> rates(static_cast<std::size_t>(days), per_day);
  if (per_day <= 0) return rates;
  if (courses.empty()) {
    const double variance = per_day * (dispersion / window_days + (dispersion - 1) / std::max(days, 1));
    const double shape = per_day * per_day / variance;
    const double factor = mirrored_gamma(shape, random, mirrored) / shape;
    for (double& rate : rates) rate *= factor;
    return rates;
  }
  std::size_t pick = 0;
  for (double passed = courses[0].weight; pick + 1 < courses.size() && passed < where;)
    passed += courses[++pick].weight;
  const Course& course = courses[pick];
  const auto normal = [&] { return mirrored ? -random.normal() : random.normal(); };
  const std::size_t columns = course.coefficients.size();
  std::vector<double> z(columns), along(columns), x(columns);
  for (double& value : z) value = normal();
  const double innovation = course.deviation * std::sqrt(1 - course.persistence * course.persistence);
  double level = course.level_deviation * normal(), fade = 1;
  const Matrix design = rows_ahead(*this, begin, days);
  for (std::size_t d = 0; d < rates.size(); ++d) {
    fade *= course.persistence;
    level = course.persistence * level + innovation * normal();
    for (std::size_t i = 0; i < columns; ++i) x[i] = design(d, i) + fade * course.level_slopes[i];
    // Coefficients move the log rate by x' L z.
    double move = 0, variance = 0;
    for (std::size_t j = 0; j < columns; ++j) {
      double sum = 0;
      for (std::size_t i = j; i < columns; ++i) sum += x[i] * course.spread(i, j);
      move += sum * z[j];
      variance += sum * sum;
    }
    rates[d] *= std::exp(dot(design.row(d), course.coefficients) + fade * course.level + level -
                         0.5 * course.deviation * course.deviation) *
                gamma_factor(variance > 0 ? move / std::sqrt(variance) : 0.0, variance);
  }
  if (day_dispersion > 1e-6)
    for (double& rate : rates) rate *= day_dispersion * mirrored_gamma(1 / day_dispersion, random, mirrored);
  return rates;
}

InflowModel fit_inflow(const DatedStatistics& statistics, const BusinessCalendar& calendar,
                       const InflowOptions& options) {
  check(options);
  const StageGraph& graph = statistics.graph();  // refuses the identity
  InflowModel model;
  model.calendar = calendar;
  model.growth_half_life = options.growth_half_life;
  if (statistics.creations().empty()) return model;
  DayNumber first = std::numeric_limits<DayNumber>::max();
  for (const auto& creation : statistics.creations()) first = std::min(first, creation.day);
  const DayNumber end = *statistics.as_of_day();
  const DayNumber begin = std::max(first + 1, end - options.most_days);

  std::vector<double> counts(static_cast<std::size_t>(std::max(end - begin, 0)));
  double total = 0, on_first = 0;
  for (const auto& creation : statistics.creations()) {
    if (creation.day >= end || graph.is_terminal(creation.stage)) continue;
    const double count = static_cast<double>(creation.count);
    if (creation.day == first) on_first += count;
    if (creation.day < begin) continue;
    counts[static_cast<std::size_t>(creation.day - begin)] += count;
    total += count;
  }
  if (total == 0) {
    if (on_first == 0) return model;
    model.window_days = counts.empty() ? 1.0 : static_cast<double>(counts.size());
    model.per_day = counts.empty() ? on_first : 0.5 / model.window_days;
    return model;
  }
  model.window_days = static_cast<double>(counts.size());
  model.per_day = total / model.window_days;

  // Rates are relative to per_day, which the design carries as a fixed part of the intercept.
  const bool has_season =
      options.usual_season > 0 && static_cast<double>(counts.size() + 1) >= std::floor(kYear * options.season_years);
  Matrix design(counts.size(), kSeason + (has_season ? 2 * kHarmonics : 0));
  const DayTypes types(to_day(begin), to_day(end), calendar);
  for (std::size_t t = 0; t < counts.size(); ++t) {
    const DayNumber day = begin + static_cast<DayNumber>(t);
    fill_row(design.row(t), types.types()[t], static_cast<double>(day - (end - 1)) / kYear, day);
  }
  const auto precision = [](double deviation) { return deviation > 0 ? 1 / (deviation * deviation) : 1e12; };
  std::vector<double> penalty(design.columns(), precision(kDayTypeDeviation));
  penalty[0] = precision(kInterceptDeviation);
  penalty[kGrowth] = precision(options.usual_growth);
  for (std::size_t i = kSeason; i < penalty.size(); ++i)
    penalty[i] = precision(options.usual_season / static_cast<double>(1 + (i - kSeason) / 2));

  const double log_per_day = std::log(model.per_day);
  const NegativeBinomialRegression plain = fit_negative_binomial(design, counts,
                                                                 {.penalty = penalty,
                                                                  .usual_dispersion = kUsualDispersion,
                                                                  .log_dispersion_deviation = kLogDispersionDeviation,
                                                                  .offset = log_per_day});
  LeveledCounts problem{
      .design = design, .counts = counts, .penalty = penalty, .offset = log_per_day, .dispersion = plain.dispersion};
  LeveledFit start;
  start.coefficients = plain.coefficients;
  model.day_dispersion = plain.dispersion;
  if (options.usual_deviation == 0) {
    model.courses.push_back(course_of(fit_leveled_counts(problem, 0.5, 1e-4, start), 0.5, 1e-4));
    model.courses.back().weight = 1;
    return model;
  }

  const auto log_prior = [&](std::size_t s) { return -std::log1p(kDeviations[s] * kDeviations[s]); };
  const auto fit_at = [&](std::size_t h, std::size_t s, const LeveledFit& from) {
    return fit_leveled_counts(problem, std::exp2(-1 / kLevelHalfLives[h]), kDeviations[s] * options.usual_deviation,
                              from);
  };
  // Part of what scatters around the plain regression is the level: the dispersion is what is left for single days.
  double best = -std::numeric_limits<double>::infinity();
  std::array<std::size_t, 2> best_scout{};
  LeveledFit best_fit;
  for (const auto& [h, s] : kScouts) {
    LeveledFit fit = fit_at(h, s, start);
    if (fit.log_evidence + log_prior(s) <= best) continue;
    best = fit.log_evidence + log_prior(s);
    best_scout = {h, s};
    best_fit = std::move(fit);
  }
  best = -std::numeric_limits<double>::infinity();
  for (const double step : kDispersionSteps) {
    problem.dispersion = plain.dispersion * step;
    const double z = std::log(problem.dispersion / kUsualDispersion) / kLogDispersionDeviation;
    const double evidence = fit_at(best_scout[0], best_scout[1], best_fit).log_evidence - 0.5 * z * z;
    if (evidence <= best) continue;
    best = evidence;
    model.day_dispersion = problem.dispersion;
  }
  problem.dispersion = model.day_dispersion;

  std::vector<double> log_weights;
  for (std::size_t h = 0; h < kLevelHalfLives.size(); ++h) {
    LeveledFit fit = best_fit;
    for (std::size_t s = 0; s < kDeviations.size(); ++s) {
      fit = fit_at(h, s, fit);
      log_weights.push_back(fit.log_evidence + log_prior(s));
      model.courses.push_back(
          course_of(fit, std::exp2(-1 / kLevelHalfLives[h]), kDeviations[s] * options.usual_deviation));
    }
  }
  const double largest = *std::max_element(log_weights.begin(), log_weights.end());
  for (std::size_t i = 0; i < log_weights.size(); ++i) model.courses[i].weight = std::exp(log_weights[i] - largest);
  std::erase_if(model.courses, [](const InflowModel::Course& course) { return course.weight < kLeastWeight; });
  double sum = 0;
  for (const auto& course : model.courses) sum += course.weight;
  for (auto& course : model.courses) course.weight /= sum;
  return model;
}

}  // namespace putki
