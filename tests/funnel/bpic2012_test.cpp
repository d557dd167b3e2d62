// The real pipeline of examples/data against counts of its source and against R (bpic2012_reference.R).
#include <putki/funnel/stage_flow.hpp>
#include <putki/ingest/csv_reader.hpp>
#include <putki/stats/durations.hpp>
#include <putki/survival/aalen_johansen.hpp>
#include <putki/survival/kaplan_meier.hpp>

#include <catch2/catch.hpp>

#include <string>

using namespace putki;

namespace {

const AsOf& bpic2012() {
  static const AsOf view = [] {
    const std::string data = std::string(PUTKI_SOURCE_DIR) + "/examples/data/";
    const PipelineDefinition definition = read_pipeline_definition(data + "bpic2012_applications.json");
    return AsOf(read_csv(data + "bpic2012_history.csv", definition).log, Day{std::chrono::year{2012} / 3 / 15});
  }();
  return view;
}

StageId stage(const char* name) {
  return bpic2012().graph().find(name).value();
}

int cause(const char* name) {
  return static_cast<int>(index(stage(name))) + 1;
}

}  // namespace

TEST_CASE("BPI 2012: flows and reach are the counts of its source") {
  const StageFlows flows = stage_flows(bpic2012());
  const auto of = [&](const char* name) { return flows.stages[index(stage(name))]; };
  CHECK(flows.deals == 13'087);
  CHECK(of("Submitted").reached == 13'087);
  CHECK(of("Preaccepted").reached == 7'367);
  CHECK(of("Accepted").reached == 5'113);
  CHECK(of("Finalized").reached == 5'015);
  CHECK(of("Won").reached == 2'246);
  CHECK(of("Declined").reached == 7'635);
  CHECK(of("Cancelled").reached == 2'807);
  std::uint64_t open = 0;
  for (const StageFlow& flow : flows.stages) {
    CHECK(flow.entered == flow.advanced + flow.lost + flow.back + flow.sideways + flow.still_there);
    CHECK(flow.entered == flow.reached);  // this pipeline neither skips nor loops
    if (!bpic2012().graph().is_terminal(flow.stage)) open += flow.still_there;
  }
  CHECK(open == 399);
}

TEST_CASE("BPI 2012: how deals end, by day and with standard errors, as in R") {
  const CumulativeIncidence curve = aalen_johansen(deal_durations(bpic2012()));
  const double days[] = {1, 7, 14, 30, 60, 90};
  struct Row {
    int cause;
    double probability[6];
    double std_error[6];
  };
  const Row rows[] = {
      {0,
       {0.4813937495, 0.4123175671, 0.2656835027, 0.1256209294, 0.0051577469, 0.0001570189503},
       {0.004367662236, 0.004302959144, 0.003861036307, 0.002968497189, 0.0007262042186, 0.0001554493174}},
      {cause("Won"),
       {0.002139527776, 0.00962787499, 0.08298311301, 0.1617228475, 0.1787614232, 0.1798418283},
       {0.0004038999719, 0.0008535802821, 0.002411367909, 0.003263452927, 0.003423103238, 0.003436952586}},
      {cause("Declined"),
       {0.484908688, 0.5227324826, 0.551768931, 0.5793640724, 0.5858148721, 0.586430128},
       {0.004368698202, 0.004366169902, 0.004347199271, 0.004329630979, 0.004331456648, 0.004333553188}},
      {cause("Cancelled"),
       {0.03155803469, 0.05532207534, 0.09956445327, 0.1332921507, 0.2302659578, 0.2335710248},
       {0.00152817019, 0.001998347742, 0.002617329627, 0.002998574672, 0.003764289233, 0.003783971971}}};
  for (const Row& row : rows)
    for (int i = 0; i < 6; ++i) {
      CHECK(curve.probability(row.cause, days[i]) == Approx(row.probability[i]).margin(1e-9));
      CHECK(curve.std_error(row.cause, days[i]) == Approx(row.std_error[i]).margin(1e-9));
    }
}

TEST_CASE("BPI 2012: quantiles of the time to any end and its restricted mean, as in R") {
  const SurvivalCurve curve = kaplan_meier(deal_durations(bpic2012()));
  const double shares[] = {0.25, 0.5, 0.75, 0.9};
  const double quantiles[] = {0.0006298032403, 0.8102061574, 14.92359088, 30.67602179};
  const double lower[] = {0.0005878124993, 0.7233021644, 14.64391541, 30.62347976};
  const double upper[] = {0.00073027778, 0.8924763889, 15.57887384, 30.72841193};
  for (int i = 0; i < 4; ++i) {
    const auto limits = curve.quantile_limits(shares[i], 0.95, IntervalKind::log);
    CHECK(curve.quantile(shares[i]).value() == Approx(quantiles[i]).epsilon(1e-8));
    CHECK(limits.lower.value() == Approx(lower[i]).epsilon(1e-8));
    CHECK(limits.upper.value() == Approx(upper[i]).epsilon(1e-8));
  }
  CHECK(curve.restricted_mean(60) == Approx(9.04935899).epsilon(1e-8));
  CHECK(curve.restricted_mean_std_error(60) == Approx(0.1112425624).epsilon(1e-8));
}

TEST_CASE("BPI 2012: time in a stage and where it leads, as in R") {
  struct Way {
    const char* to;  // nullptr: still there
    double by_day_7, error_7, by_day_30, error_30;
  };
  struct Row {
    const char* stage;
    double median, p90;
    std::vector<Way> ways;
  };
  const Row rows[] = {{"Preaccepted",
                       0.2953034028,
                       6.7948864,
                       {{nullptr, 0.09746165332, 0.003455448175, 0.05881971435, 0.002779463779},
                        {"Accepted", 0.6820958328, 0.00542532143, 0.6941726162, 0.005369893742},
                        {"Declined", 0.1410343423, 0.00405513208, 0.1473539218, 0.00413344791},
                        {"Cancelled", 0.07940817158, 0.00315007447, 0.09965374766, 0.00351535825}}},
                      {"Finalized",
                       15.1436319,
                       30.96193145,
                       {{nullptr, 0.9343446174, 0.003498888487, 0.2125543468, 0.005994654167},
                        {"Won", 0.02893455208, 0.00236787521, 0.4279351155, 0.00713335223},
                        {"Declined", 0.0135698639, 0.001634387388, 0.1518882046, 0.005151200258},
                        {"Cancelled", 0.02315096667, 0.002124492993, 0.2076223331, 0.005830769309}}}};
  for (const Row& row : rows) {
    const StageTimes times = stage_times(bpic2012(), stage(row.stage));
    CHECK(times.median_days.value() == Approx(row.median).epsilon(1e-8));
    CHECK(times.p90_days.value() == Approx(row.p90).epsilon(1e-8));
    for (const Way& way : row.ways) {
      const int to = way.to == nullptr ? 0 : cause(way.to);
      CHECK(times.transitions.probability(to, 7) == Approx(way.by_day_7).margin(1e-9));
      CHECK(times.transitions.std_error(to, 7) == Approx(way.error_7).margin(1e-9));
      CHECK(times.transitions.probability(to, 30) == Approx(way.by_day_30).margin(1e-9));
      CHECK(times.transitions.std_error(to, 30) == Approx(way.error_30).margin(1e-9));
    }
  }
}
