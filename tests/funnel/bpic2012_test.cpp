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
      CHECK(curve.probability(row.cause, days[i]) == Approx(row.probability[i]).epsilon(1e-8).margin(1e-10));
      CHECK(curve.std_error(row.cause, days[i]) == Approx(row.std_error[i]).epsilon(1e-8).margin(1e-10));
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
      CHECK(times.transitions.probability(to, 7) == Approx(way.by_day_7).epsilon(1e-8).margin(1e-10));
      CHECK(times.transitions.std_error(to, 7) == Approx(way.error_7).epsilon(1e-8).margin(1e-10));
      CHECK(times.transitions.probability(to, 30) == Approx(way.by_day_30).epsilon(1e-8).margin(1e-10));
      CHECK(times.transitions.std_error(to, 30) == Approx(way.error_30).epsilon(1e-8).margin(1e-10));
    }
  }
}

TEST_CASE("BPI 2012: curves of the stages over all ages, all causes and their errors, as in R") {
  constexpr int kAges = 16;
  const double days[kAges] = {1.0 / 1440, 1.0 / 24, .25, 1, 2, 3, 5, 7, 10, 14, 21, 28, 30, 45, 60, 90};
  struct Way {
    const char* to;  // nullptr: still there
    double probability[kAges], std_error[kAges];
  };
  struct Curve {
    const char* stage;
    std::uint64_t visits, still_there;
    std::vector<Way> ways;
  };
  const Curve curves[] = {
      {"Preaccepted",
       7367,
       69,
       {{nullptr,
         {0.9951133433, 0.734491652, 0.5205646803, 0.2747386996, 0.1778200081, 0.1399484186, 0.1107642188,
          0.09746165332, 0.08456630922, 0.07791502647, 0.07289526459, 0.07039290828, 0.05881971435, 0, 0, 0},
         {0.0008124503972, 0.005145021423, 0.005820456218, 0.005200700407, 0.004454802245, 0.00404204284,
          0.003656477239, 0.003455448175, 0.003241655053, 0.0031228473, 0.003031751702, 0.002987837444, 0.002779463779,
          0, 0, 0}},
        {"Accepted",
         {0.004207954391, 0.2231573232, 0.3806162617, 0.5663092168, 0.6358083345, 0.6577982897, 0.6749015882,
          0.6820958328, 0.6876611918, 0.6907832225, 0.6931478402, 0.6941726162, 0.6941726162, 0.6941726162,
          0.6941726162, 0.6941726162},
         {0.0007541791182, 0.004850949738, 0.005656896518, 0.005773930823, 0.005606383148, 0.005527670192,
          0.005457356365, 0.00542532143, 0.005399516806, 0.005384645052, 0.005373921373, 0.005369893742, 0.005369893742,
          0.005369893742, 0.005369893742, 0.005369893742}},
        {"Declined",
         {0.0002714809285, 0.02823401656, 0.06800597258, 0.1072349667, 0.1235238225, 0.1322112122, 0.1380480521,
          0.1410343423, 0.1427989684, 0.144156373, 0.145690017, 0.1462759654, 0.1473539218, 0.1475083042, 0.1475083042,
          0.1475083042},
         {0.0001919399462, 0.0019298424, 0.002933153272, 0.00360488539, 0.003833540754, 0.003946352052, 0.004018938258,
          0.00405513208, 0.004076228701, 0.004092312583, 0.004111022089, 0.004118614686, 0.00413344791, 0.004135566182,
          0.004135566182, 0.004135566182}},
        {"Cancelled",
         {0.0004072213927, 0.01411700828, 0.03081308538, 0.05171711687, 0.06284783494, 0.07004207954, 0.0762861409,
          0.07940817158, 0.08497353061, 0.08714537804, 0.0882668782, 0.08915851009, 0.09965374766, 0.1583190796,
          0.1583190796, 0.1583190796},
         {0.000235061505, 0.00137448083, 0.002013381296, 0.00258012516, 0.002827514769, 0.002973485533, 0.003092759986,
          0.00315007447, 0.003248727804, 0.003286076379, 0.003305874053, 0.003322590101, 0.00351535825, 0.004258964773,
          0.004258964773, 0.004258964773}}}},
      {"Accepted",
       5113,
       3,
       {{nullptr,
         {0.9035791121, 0.007432035987, 0.005085077254, 0.004498337571, 0.00312927831, 0.002346958733, 0.001955798944,
          0.001760219049, 0.001564639155, 0.001369059261, 0.001140882717, 0.0008556620379, 0.000427831019, 0, 0, 0},
         {0.004127915118, 0.001201146921, 0.0009947268798, 0.0009358561961, 0.0007810945706, 0.0006767131186,
          0.0006178728255, 0.0005862230605, 0.0005527505427, 0.0005171014269, 0.0004786202157, 0.0004357397323,
          0.0003728095613, 0, 0, 0}},
        {"Finalized",
         {0.09172697047, 0.9773127323, 0.9786817915, 0.9790729513, 0.9802464307, 0.9806375905, 0.9808331704,
          0.9808331704, 0.9808331704, 0.9808331704, 0.9808331704, 0.9808331704, 0.9808331704, 0.9808331704,
          0.9808331704, 0.9808331704},
         {0.004036629017, 0.002082427931, 0.002020031819, 0.00200181354, 0.001946043433, 0.00192706371, 0.001917497549,
          0.001917497549, 0.001917497549, 0.001917497549, 0.001917497549, 0.001917497549, 0.001917497549,
          0.001917497549, 0.001917497549, 0.001917497549}},
        {"Declined",
         {0.002346958733, 0.005085077254, 0.005280657148, 0.005476237043, 0.005476237043, 0.005476237043,
          0.005671816937, 0.005671816937, 0.005671816937, 0.005671816937, 0.005671816937, 0.005671816937,
          0.005671816937, 0.005671816937, 0.005671816937, 0.005671816937},
         {0.0006767131186, 0.0009947268798, 0.001013576122, 0.001032073923, 0.001032073923, 0.001032073923,
          0.001050238853, 0.001050238853, 0.001050238853, 0.001050238853, 0.001050238853, 0.001050238853,
          0.001050238853, 0.001050238853, 0.001050238853, 0.001050238853}},
        {"Cancelled",
         {0.002346958733, 0.01017015451, 0.01095247409, 0.01095247409, 0.01114805398, 0.01153921377, 0.01153921377,
          0.01173479366, 0.01193037356, 0.01212595345, 0.01235413, 0.01263935067, 0.01306718169, 0.01349501271,
          0.01349501271, 0.01349501271},
         {0.0006767131186, 0.001403156626, 0.001455548903, 0.001455548903, 0.001468342169, 0.001493584973,
          0.001493584973, 0.001506040272, 0.001518388477, 0.001530632181, 0.001546792588, 0.001569528712,
          0.001605499962, 0.001613609326, 0.001613609326, 0.001613609326}}}},
      {"Finalized",
       5015,
       327,
       {{nullptr,
         {1, 0.9946161515, 0.9930209372, 0.9906273942, 0.987036719, 0.9828475979, 0.9722744828, 0.9343446174,
          0.7521799172, 0.5480728748, 0.33013457, 0.2343433144, 0.2125543468, 0.03523639805, 0.009764141194, 0},
         {0, 0.001033329192, 0.001175553199, 0.001360713591, 0.001597442362, 0.001833661617, 0.002318821445,
          0.003498888487, 0.006101385472, 0.007040633493, 0.006748629606, 0.006173326949, 0.005994654167,
          0.002864844204, 0.001628776846, 0}},
        {"Won",
         {0, 0.003788634098, 0.004187437687, 0.005583731218, 0.006182177087, 0.007977514692, 0.01316429047,
          0.02893455208, 0.1142287502, 0.2354243903, 0.3654574146, 0.4170240266, 0.4279351155, 0.460708285,
          0.4677543738, 0.4700002215},
         {0, 0.0008675242216, 0.000911858625, 0.001052276054, 0.001106914569, 0.001256315032, 0.001609712179,
          0.00236787521, 0.004495162081, 0.006001310704, 0.006878168036, 0.007093894339, 0.00713335223, 0.007241322114,
          0.007267239373, 0.007286380972}},
        {"Declined",
         {0, 0.0005982053838, 0.0009970089731, 0.001794856636, 0.002792266417, 0.003989158154, 0.005585095441,
          0.0135698639, 0.04533017683, 0.09080264137, 0.1318022712, 0.1498083838, 0.1518882046, 0.1649667971,
          0.1669398992, 0.1672471624},
         {0, 0.0003452707216, 0.000445653641, 0.0005977484444, 0.0007452220936, 0.0008902220951, 0.001052532463,
          0.001634387388, 0.002939705425, 0.004063725567, 0.004821122644, 0.005117393027, 0.005151200258,
          0.005366361863, 0.005403841042, 0.005410187993}},
        {"Cancelled",
         {0, 0.0009970089731, 0.001794616152, 0.001994017946, 0.003988837508, 0.005185729244, 0.008976131325,
          0.02315096667, 0.08826115576, 0.1257000935, 0.1726057443, 0.1988242752, 0.2076223331, 0.3390885199,
          0.3555415857, 0.3627526161},
         {0, 0.000445653641, 0.0005976683683, 0.000629934849, 0.0008901507158, 0.001014365061, 0.001332064289,
          0.002124492993, 0.004008646721, 0.004686657186, 0.005377827423, 0.00572043812, 0.005830769309, 0.006931304462,
          0.007025077958, 0.007058466284}}}}};
  const StageFlows flows = stage_flows(bpic2012());
  for (const Curve& curve : curves) {
    CHECK(flows.stages[index(stage(curve.stage))].entered == curve.visits);
    CHECK(flows.stages[index(stage(curve.stage))].still_there == curve.still_there);
    const CumulativeIncidence transitions = stage_times(bpic2012(), stage(curve.stage)).transitions;
    const SurvivalCurve stay = stage_times(bpic2012(), stage(curve.stage)).stay;
    for (int i = 0; i < kAges; ++i) {
      double sum = 0;
      for (const Way& way : curve.ways) {
        const int to = way.to == nullptr ? 0 : cause(way.to);
        CHECK(transitions.probability(to, days[i]) == Approx(way.probability[i]).epsilon(1e-8).margin(1e-10));
        CHECK(transitions.std_error(to, days[i]) == Approx(way.std_error[i]).epsilon(1e-8).margin(1e-10));
        sum += transitions.probability(to, days[i]);
      }
      CHECK(sum == Approx(1).epsilon(1e-12));  // no other way was taken
      CHECK(stay.survival(days[i]) == Approx(curve.ways[0].probability[i]).epsilon(1e-8).margin(1e-10));
      CHECK(stay.std_error(days[i]) == Approx(curve.ways[0].std_error[i]).epsilon(1e-8).margin(1e-10));
    }
  }
}
