#pragma once
// Pipelines whose truth is known: deals come as a Poisson stream that grows by exp(growth) a day, are won with a
// probability that size may lower, and take gamma times to be won or lost.

#include <putki/core/random.hpp>
#include <putki/events/event_log_builder.hpp>

#include <chrono>
#include <cmath>
#include <string>

namespace putki::test {

struct TrueTimes {
  double mean = 30;  // days
  double shape = 1;  // 1: exponential
  // E[exp(-g T)]; growth above -shape / mean.
  double discounted(double growth) const { return std::pow(1 + growth * mean / shape, -shape); }
  double draw(RandomStream& random) const { return random.gamma(shape) * mean / shape; }
};

struct TruePipeline {
  double days = 400;    // from the first deal to the view
  double inflow = 20;   // a day, at the view
  double growth = 0;    // of the inflow, a day
  double p = 0.3;       // share won, of small deals
  double p_large = -1;  // of large ones; below 0: the same
  TrueTimes win, loss;
  double small = 100, large = 1000;  // sizes, equally common
  bool two_stages = false;           // half of the way to a win is spent in a second stage
};

inline const Day kSimulatedEnd{std::chrono::year{2024} / 1 / 1};

inline StageGraph simulated_graph() {
  return StageGraph::Builder()
      .stage("Lead")
      .stage("Offer")
      .stage("Won", StageKind::won)
      .stage("Lost", StageKind::lost)
      .build();
}

inline AsOf simulate(const TruePipeline& truth, RandomStream random) {
  EventLogBuilder builder(simulated_graph());
  const Timestamp end(kSimulatedEnd);
  const auto before_end = [&](double days) {
    return end - std::chrono::microseconds(static_cast<std::int64_t>(days * 86'400e6));
  };
  // The stream, backwards in time: with age s the inflow is inflow * exp(-growth s).
  const double mass = truth.growth == 0 ? truth.days : -std::expm1(-truth.growth * truth.days) / truth.growth;
  const std::uint64_t deals = random.poisson(truth.inflow * mass);
  for (std::uint64_t d = 0; d < deals; ++d) {
    const double u = random.uniform();
    const double age = truth.growth == 0 ? u * truth.days : -std::log1p(-u * truth.growth * mass) / truth.growth;
    const bool large = random.uniform() < 0.5;
    const bool won = random.uniform() < (large && truth.p_large >= 0 ? truth.p_large : truth.p);
    const double life = (won ? truth.win : truth.loss).draw(random);
    const double offer = life * (0.2 + 0.6 * random.uniform());
    const DealId deal = builder.deal("deal " + std::to_string(d));
    builder.add({.deal = deal,
                 .time = before_end(age),
                 .stage = StageId{0},
                 .amount = Money::from_units(large ? truth.large : truth.small)});
    if (truth.two_stages && won && offer <= age)
      builder.add({.deal = deal, .time = before_end(age - offer), .stage = StageId{1}});
    if (life <= age)
      builder.add({.deal = deal, .time = before_end(age - life), .stage = won ? StageId{2} : StageId{3}});
  }
  return AsOf(builder.build(), end);
}

}  // namespace putki::test
