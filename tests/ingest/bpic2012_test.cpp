// The bundled real pipeline: what is read from it against counts taken from the log by other means, and the close rate
// curve against R (survival 3.5-3, survfit on days from submission; opens censored at 2012-03-15T00:00Z).

#include <putki/events/as_of.hpp>
#include <putki/ingest/csv_reader.hpp>
#include <putki/survival/aalen_johansen.hpp>

#include <catch2/catch.hpp>
#include <map>
#include <set>

using namespace putki;
using namespace std::chrono;

namespace {

ReadLog read_bpic2012(const std::string& definition) {
  const std::filesystem::path folder = std::filesystem::path(PUTKI_SOURCE_DIR) / "examples" / "data";
  return read_csv(folder / "bpic2012_history.csv", read_pipeline_definition(folder / definition));
}

const Day kEnd{2012y / 3 / 15};

std::map<std::string, int> reached(const AsOf& view) {
  std::map<std::string, int> deals;
  DealId deal{};
  std::set<StageId> seen;
  view.for_each_visit([&](const Visit& visit) {
    if (visit.number == 0 || visit.deal != deal) seen.clear();
    deal = visit.deal;
    if (seen.insert(visit.stage).second) ++deals[view.graph().stage(visit.stage).name];
  });
  return deals;
}

}  // namespace

TEST_CASE("the bundled pipeline has the deals, stages and amounts of the log it was taken from") {
  const auto [log, report] = read_bpic2012("bpic2012_applications.json");
  CHECK(report.adds_up());
  CHECK(report.rows_read() == 66'841);
  CHECK(report.rows_set_aside() == report.count(DataRule::ignored_stage));
  CHECK(report.count(DataRule::ignored_stage) == 7'030 + 3'454);
  CHECK(log.deal_count() == 13'087);
  CHECK_FALSE(log.date_only());

  const AsOf view(log, kEnd);
  CHECK(reached(view) == std::map<std::string, int>{{"Submitted", 13'087},
                                                    {"PartlySubmitted", 13'087},
                                                    {"Preaccepted", 7'367},
                                                    {"Accepted", 5'113},
                                                    {"Finalized", 5'015},
                                                    {"Won", 2'246},
                                                    {"Declined", 7'635},
                                                    {"Cancelled", 2'807}});
  int open = 0;
  Money all, won;
  view.for_each_deal([&](DealId deal, std::uint32_t begin, std::uint32_t end) {
    const DealState state = view.state_of(deal, begin, end);
    open += !view.graph().is_terminal(state.stage);
    all += state.amount;
    if (view.graph().kind(state.stage) == StageKind::won) won += state.amount;
  });
  CHECK(open == 399);
  CHECK(won == Money::from_units(35'290'338));
  CHECK(all == Money::from_units(177'634'511));
}

TEST_CASE("with offers as stages the bundled pipeline has the same deals and ends") {
  const auto [log, report] = read_bpic2012("bpic2012_offers.json");
  CHECK(report.adds_up());
  CHECK(report.rows_used() == 66'841);
  const auto deals = reached(AsOf(log, kEnd));
  CHECK(deals.at("Submitted") == 13'087);
  CHECK(deals.at("Finalized") == 5'015);
  CHECK(deals.at("Won") == 2'246);
  CHECK(deals.at("Declined") == 7'635);
  CHECK(deals.at("Cancelled") == 2'807);
}

TEST_CASE("close rates of the bundled pipeline agree with R to the digits it gives") {
  const auto [log, report] = read_bpic2012("bpic2012_applications.json");
  const AsOf view(log, kEnd);
  const CumulativeIncidence curve = aalen_johansen(deal_durations(view));
  const auto cause = [&](const char* stage) { return static_cast<int>(index(view.graph().find(stage).value())) + 1; };
  struct Line {
    double day, open, won, won_error, declined, declined_error, cancelled, cancelled_error;
  };
  const std::vector<Line> lines = {{1, .481394, .002140, .000404, .484909, .004369, .031558, .001528},
                                   {7, .412318, .009628, .000854, .522732, .004366, .055322, .001998},
                                   {14, .265684, .082983, .002411, .551769, .004347, .099564, .002617},
                                   {30, .125621, .161723, .003263, .579364, .004330, .133292, .002999},
                                   {60, .005158, .178761, .003423, .585815, .004331, .230266, .003764},
                                   {90, .000157, .179842, .003437, .586430, .004334, .233571, .003784}};
  constexpr double kDigits = 1e-6;
  for (const Line& line : lines) {
    INFO("day " << line.day);
    CHECK(curve.probability(0, line.day) == Approx(line.open).margin(kDigits));
    CHECK(curve.probability(cause("Won"), line.day) == Approx(line.won).margin(kDigits));
    CHECK(curve.std_error(cause("Won"), line.day) == Approx(line.won_error).margin(kDigits));
    CHECK(curve.probability(cause("Declined"), line.day) == Approx(line.declined).margin(kDigits));
    CHECK(curve.std_error(cause("Declined"), line.day) == Approx(line.declined_error).margin(kDigits));
    CHECK(curve.probability(cause("Cancelled"), line.day) == Approx(line.cancelled).margin(kDigits));
    CHECK(curve.std_error(cause("Cancelled"), line.day) == Approx(line.cancelled_error).margin(kDigits));
  }
}
