#include <putki/model/hazard_table.hpp>

#include <catch2/catch.hpp>

using namespace putki;

namespace {

StageGraph two_stages() {
  return StageGraph::Builder().stage("Open").stage("Won", StageKind::won).stage("Lost", StageKind::lost).build();
}

StageHazard open_exits() {
  StageHazard exits;
  exits.targets = {StageId{1}, StageId{2}};
  exits.begins = {0, 1, 3};
  exits.hazard = Matrix(3, 2);
  exits.hazard(0, 0) = 0.5;
  exits.hazard(1, 0) = 0.1;
  exits.hazard(1, 1) = 0.1;
  exits.hazard(2, 1) = 0.5;
  return exits;
}

}  // namespace

TEST_CASE("survival is the product of staying through each day") {
  const HazardTable hazards(two_stages(), {open_exits(), {}, {}});
  CHECK(hazards.survival(StageId{0}, 0) == 1);
  CHECK(hazards.survival(StageId{0}, 1) == Approx(0.5));
  CHECK(hazards.survival(StageId{0}, 2) == Approx(0.5 * 0.8));
  CHECK(hazards.survival(StageId{0}, 3) == Approx(0.5 * 0.8 * 0.8));
  CHECK(hazards.survival(StageId{0}, 5) == Approx(0.5 * 0.8 * 0.8 * 0.5 * 0.5));
  CHECK(hazards.survival(StageId{1}, 100) == 1);
}

TEST_CASE("a hazard belongs to the bin its age falls in, the last bin running on") {
  const HazardTable hazards(two_stages(), {open_exits(), {}, {}});
  CHECK(hazards.hazard(StageId{0}, StageId{1}, 0) == 0.5);
  CHECK(hazards.hazard(StageId{0}, StageId{1}, 2) == 0.1);
  CHECK(hazards.hazard(StageId{0}, StageId{2}, 1000) == 0.5);
  CHECK(hazards.hazard(StageId{0}, StageId{0}, 1) == 0);
}

TEST_CASE("impossible hazards are refused with the stage's name") {
  const auto with = [](auto change) {
    StageHazard exits = open_exits();
    change(exits);
    return HazardTable(two_stages(), {exits, {}, {}});
  };
  using Catch::Matchers::Contains;
  CHECK_THROWS_WITH(with([](StageHazard& e) { e.begins = {1, 2, 3}; }), Contains("'Open'") && Contains("begin at 0"));
  CHECK_THROWS_WITH(with([](StageHazard& e) { e.begins = {0, 3, 3}; }), Contains("ascend"));
  CHECK_THROWS_WITH(with([](StageHazard& e) { e.hazard(0, 0) = -0.1; }), Contains("-0.1"));
  CHECK_THROWS_WITH(with([](StageHazard& e) { e.hazard(0, 0) = std::numeric_limits<double>::quiet_NaN(); }),
                    Contains("nan"));
  CHECK_THROWS_WITH(with([](StageHazard& e) { e.hazard(0, 1) = 0.6; }), Contains("above 1"));
  CHECK_THROWS_WITH(with([](StageHazard& e) { e.targets = {StageId{1}, StageId{9}}; }), Contains("target 9"));
  CHECK_THROWS_WITH(with([](StageHazard& e) { e.targets = {StageId{1}}; }), Contains("3 x 2"));
  CHECK_THROWS_AS(HazardTable(two_stages(), {}), InvalidArgument);
}
