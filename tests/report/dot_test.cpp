#include <putki/report/dot.hpp>

#include <catch2/catch.hpp>

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
      REQUIRE((text[i + 1] == '"' || text[i + 1] == '\\'));
      result.strings.back() += text[++i];
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
