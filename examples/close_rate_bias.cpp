// Why Won/(Won+Lost) misleads: pipelines whose true close rate is known, growing, steady and shrinking, as two
// definitions of the close rate see them.
//
//   close_rate_bias

#include <putki/putki.hpp>

#include <cmath>
#include <cstdio>
#include <string>

using namespace putki;

namespace {

constexpr double kTrueRate = 0.3;
constexpr double kHistoryDays = 720;
const Day kToday{std::chrono::year{2024} / 1 / 1};

// Deals come as a Poisson stream that grows by e^growth a day, are won with probability kTrueRate, and take exponential
// times to be won or lost.
AsOf simulate(double growth, double days_to_win, double days_to_loss, RandomStream random) {
  EventLogBuilder builder(StageGraph::linear(std::vector<std::string>{"Lead"}));
  const Timestamp end(kToday);
  const auto before_end = [&](double days) {
    return end - std::chrono::microseconds(static_cast<std::int64_t>(days * 86'400e6));
  };
  for (int deal_number = 0; deal_number < 40'000; ++deal_number) {
    const double u = random.uniform();  // share of the deals that are younger
    const double age = growth == 0 ? u * kHistoryDays : -std::log1p(u * std::expm1(-growth * kHistoryDays)) / growth;
    const bool won = random.uniform() < kTrueRate;
    const double life = random.exponential() * (won ? days_to_win : days_to_loss);
    const DealId deal = builder.deal("deal " + std::to_string(deal_number));
    builder.add({.deal = deal, .time = before_end(age), .stage = StageId{0}});
    if (life <= age) builder.add({.deal = deal, .time = before_end(age - life), .stage = StageId(won ? 1 : 2)});
  }
  return AsOf(builder.build(), end);
}

}  // namespace

int main() {
  std::printf("%.0f %% of all deals are won. What two close rates make of it, in percent:\n\n", 100 * kTrueRate);
  std::printf("Growth    Days to  Days to   Won/(Won+Lost) of a quarter   Won by age\n");
  std::printf("a month       win     loss   formula  seen   95 %% limits    seen  95 %% limits\n");
  std::printf("-----------------------------------------------------------------------------\n");
  std::uint64_t stream = 0;
  for (const bool quick_wins : {true, false}) {
    const double days_to_win = quick_wins ? 10 : 60, days_to_loss = quick_wins ? 60 : 10;
    for (const double a_month : {-0.1, 0.0, 0.1, 0.2, 0.4}) {
      const double growth = std::log1p(a_month) / 30;
      const AsOf view = simulate(growth, days_to_win, days_to_loss, RandomStream(2024, ++stream));
      const CloseRates rates = close_rates(view, {.since = kToday - Days{90}, .horizon_days = 500});
      // The wins of now are the deals of T_w ago, of which there were e^(-g T_w) as many; E[e^(-g T)] = 1 / (1 + g
      // mean).
      const double wins = kTrueRate / (1 + growth * days_to_win),
                   losses = (1 - kTrueRate) / (1 + growth * days_to_loss);
      for (const CloseRateLine& line : rates.lines) {
        if (line.definition != CloseRateDefinition::closed_in_window || !line.rate || !rates.lines[0].rate) continue;
        const MetricEstimate &closed = *line.rate, &by_age = *rates.lines[0].rate;
        std::printf("%+5.0f %%  %7.0f  %7.0f   %7.1f  %4.1f     %4.1f-%4.1f    %4.1f    %4.1f-%4.1f\n", 100 * a_month,
                    days_to_win, days_to_loss, 100 * wins / (wins + losses), 100 * closed.value,
                    100 * closed.interval->lower, 100 * closed.interval->upper, 100 * by_age.value,
                    100 * by_age.interval->lower, 100 * by_age.interval->upper);
      }
    }
  }
  std::printf("\nWhile inflow grows, quick wins flatter Won/(Won+Lost), quick losses belittle it.\n");
}
