#include <putki/core/error.hpp>
#include <putki/report/dot.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <locale>
#include <sstream>

using namespace putki;
using Catch::Matchers::Contains;

namespace {

std::string dot(const StageGraph& graph) {
  std::ostringstream out;
  write_dot(out, graph);
  return out.str();
}

// The text with every quoted string emptied, and those strings with DOT's escapes undone.
struct Parts {
  std::string skeleton;
  std::vector<std::string> strings;
};
Parts parts(const std::string& text) {
  Parts result;
  bool inside = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (inside && text[i] == '\\') {
      ++i;
      REQUIRE((text[i] == '"' || text[i] == '\\' || text[i] == 'n'));
      result.strings.back() += text[i] == 'n' ? '\n' : text[i];
    } else if (text[i] == '"') {
      inside = !inside;
      if (inside) result.strings.emplace_back();
    } else if (inside && text[i] == '&') {
      REQUIRE(text.substr(i, 5) == "&amp;");
      result.strings.back() += '&';
      i += 4;
    } else if (inside) {
      result.strings.back() += text[i];
    } else {
      result.skeleton += text[i];
    }
  }
  REQUIRE_FALSE(inside);
  return result;
}

}  // namespace

TEST_CASE("a drawing shows kinds as shapes, entries in bold, and moves back as dashed lines") {
  StageGraph::Builder builder;
  builder.stage("Lead")
      .stage("Waiting", StageKind::on_hold)
      .stage("Won", StageKind::won)
      .stage("Lost", StageKind::lost);
  builder.move("Lead", "Waiting").move("Waiting", "Lead").move("Lead", "Won").move("Waiting", "Lost");
  const std::string without_entry = dot(builder.build());
  const std::string text = dot(builder.entry("Lead").build());
  CHECK_THAT(text, Contains("digraph pipeline {"));
  CHECK_THAT(text, Contains("s0 [label=\"Lead\", shape=box, penwidth=2];"));
  CHECK_THAT(text, Contains("s1 [label=\"Waiting\", shape=box, style=dashed];"));
  CHECK_THAT(text, Contains("s2 [label=\"Won\", shape=doubleoctagon];"));
  CHECK_THAT(text, Contains("s3 [label=\"Lost\", shape=octagon];"));
  CHECK_THAT(text, Contains("s0 -> s1;") && Contains("s0 -> s2;") && Contains("s1 -> s3;"));
  CHECK_THAT(text, Contains("s1 -> s0 [style=dashed, constraint=false];"));
  CHECK_THAT(without_entry, !Contains("penwidth"));
}

TEST_CASE("without declared moves the drawing is one line through the ranks, not every pair of stages") {
  const StageGraph g =
      StageGraph::Builder().stage("A").stage("B").stage("Won", StageKind::won).stage("Lost", StageKind::lost).build();
  const std::string text = dot(g);
  CHECK_THAT(text, Contains("any move is allowed"));
  const auto line = [](const char* ends) { return std::string("  ") + ends + " [style=dotted, arrowhead=none];\n"; };
  CHECK_THAT(text, Contains(line("s0 -> s1") + line("s1 -> s2") + line("s1 -> s3") + "}\n"));
  CHECK(dot(StageGraph::Builder().stage("A").build()).find("->") == std::string::npos);
}

TEST_CASE("whatever a name contains, it is shown as it is and changes nothing else in the drawing") {
  const std::vector<std::string> hostile = {"\"]; evil [URL=\"javascript:alert(1)\"",
                                            "a\\",
                                            "\\N \\G \\l \\n",
                                            "<b>bold</b>",
                                            "&lt;script&gt; &",
                                            "}\" -> \"x",
                                            "// comment",
                                            "\xc3\x84\xe2\x82\xac"};
  StageGraph::Builder named, plain;
  for (std::size_t i = 0; i < hostile.size(); ++i) {
    named.stage(hostile[i]);
    plain.stage(std::to_string(i));
    if (i > 0) named.move(hostile[i - 1], hostile[i]);
    if (i > 0) plain.move(std::to_string(i - 1), std::to_string(i));
  }
  const Parts shown = parts(dot(named.build()));
  CHECK(shown.skeleton == parts(dot(plain.build())).skeleton);
  CHECK(std::vector<std::string>(shown.strings.begin() + 1, shown.strings.end()) == hostile);
}

TEST_CASE("with traffic, lines are as wide as moves are many and coloured by the delay before them") {
  StageGraph::Builder builder;
  builder.stage("Lead").stage("Offer").stage("Won", StageKind::won).stage("Lost", StageKind::lost);
  const StageGraph graph =
      builder.move("Lead", "Offer").move("Offer", "Won").move("Lead", "Lost").move("Offer", "Lost").build();
  StageTraffic traffic;
  traffic.stages = {{60, 12, 4.25}, {0, 5, 2.0}, {0, 20, {}}, {0, 15, {}}};
  const auto move = [](int from, int to, std::uint64_t count, double days) {
    return StageTraffic::OfMove{static_cast<StageId>(from), static_cast<StageId>(to), count, days};
  };
  // Lead to Won and Offer to Lead were made, though nobody declared them. Offer to Lost was declared and not made.
  traffic.moves = {move(0, 1, 40, 2), move(0, 2, 1, 20), move(0, 3, 15, 5), move(1, 0, 4, 0.5), move(1, 2, 20, 10)};
  std::ostringstream out;
  write_dot(out, graph, traffic);
  const std::string text = out.str();
  // Classes of delay part at 1, 3, 7 and 14 days; the third and the last are a colour of the theme's ramp each, the
  // first is three sevenths of the way from its first to its second: 234 - 0.43 * 148 = 171 = ab, ..
  CHECK_THAT(text, Contains("s0 -> s1 [label=\"40\", tooltip=\"2.0 d\", color=\"#80c6ee\", penwidth=13.20];"));
  CHECK_THAT(text, Contains("s1 -> s2 [label=\"20\", tooltip=\"10.0 d\", color=\"#2b7daa\", penwidth=7.20];"));
  CHECK_THAT(text, Contains("s0 -> s3 [label=\"15\", tooltip=\"5.0 d\", color=\"#56b4e9\", penwidth=5.70];"));
  CHECK_THAT(text, Contains("s0 -> s2 [label=\"1\", tooltip=\"20.0 d\", color=\"#00456b\", penwidth=1.50];"));
  CHECK_THAT(text,
             Contains("s1 -> s0 [label=\"4\", tooltip=\"12.0 h\", color=\"#abd8f3\", penwidth=2.40, style=dashed, "
                      "constraint=false];"));
  CHECK_THAT(text, !Contains("s1 -> s3"));
  CHECK_THAT(text, Contains("[label=\"Lead\\n12 now · 4.3 d\", shape=box, color=\"#1f2328\"") ||
                       Contains("[label=\"Lead\\n12 now · 4.2 d\", shape=box, color=\"#1f2328\""));
  CHECK_THAT(text, Contains("[label=\"Won\\n20 won\", shape=doubleoctagon, color=\"#0072b2\""));
  CHECK_THAT(text, Contains("under 1") && Contains("from 14"));

  FigureOptions dark;
  dark.theme = Theme::dark;
  dark.language = Language::finnish;
  std::ostringstream other;
  write_dot(other, graph, traffic, dark);
  CHECK_THAT(other.str(), Contains("bgcolor=\"#0d1117\"") && Contains("12 nyt") && Contains("#b8e0f8"));

  traffic.stages.pop_back();
  CHECK_THROWS_AS(write_dot(other, graph, traffic), InvalidArgument);
  std::ostringstream unused;
  write_dot(unused, graph, {});
  CHECK(unused.str().find("->") == std::string::npos);
}

TEST_CASE("a name changes nothing in a drawing with traffic either") {
  const auto drawn = [](const std::string& name) {
    const StageGraph graph = StageGraph::Builder().stage(name).stage("Won", StageKind::won).build();
    StageTraffic traffic;
    traffic.stages.resize(2);
    traffic.moves = {{static_cast<StageId>(0), static_cast<StageId>(1), 3, 1.0}};
    std::ostringstream out;
    write_dot(out, graph, traffic);
    return parts(out.str());
  };
  const std::string hostile = "\"]; evil [URL=\"javascript:alert(1)\" \\N &lt; </table>> a\\";
  const Parts shown = drawn(hostile);
  CHECK(shown.skeleton == drawn("Lead").skeleton);
  CHECK(std::find(shown.strings.begin(), shown.strings.end(), hostile + "\n0 now") != shown.strings.end());
}

TEST_CASE("the stream's locale does not reach the drawing") {
  struct Grouping : std::numpunct<char> {
    char do_thousands_sep() const override { return ','; }
    std::string do_grouping() const override { return "\1"; }
  };
  std::ostringstream out;
  out.imbue(std::locale(std::locale::classic(), new Grouping));
  StageGraph::Builder builder;
  for (int i = 0; i < 20; ++i) builder.stage(std::to_string(i));
  write_dot(out, builder.build());
  CHECK(out.str() == dot(builder.build()));
}
