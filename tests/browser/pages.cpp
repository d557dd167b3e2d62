// pages <folder> <template ...>: writes pages for check_page: every chart template with its samples, hostile names,
// many rows, nothing at all, and pages on which check_page must find something.

#include <putki/core/error.hpp>
#include <putki/graph/stage_graph.hpp>
#include <putki/report/html_page.hpp>
#include <putki/report/stage_graph_figures.hpp>

#include "report/specification.hpp"

#include <algorithm>
#include <fstream>
#include <iostream>
#include <set>
#include <stdexcept>

using namespace putki;

namespace {

// Would mark the document if it ran.
std::vector<std::string> hostile_names() {
  const std::string script = "document.documentElement.dataset.pwned=1";
  std::vector<std::string> names = {
      "</script><img src=x onerror=" + script + ">",
      "</script><script>" + script + "</script>",
      "<svg onload=" + script + ">",
      "\" onmouseover=\"" + script,
      "' autofocus onfocus='" + script,
      "]]></style></title><iframe srcdoc=\"<script>parent." + script + "</script>\">",
      "javascript:" + script,
      "<base href=https://example.org/><link rel=stylesheet href=//example.org/x.css>",
      "https://example.org/x.png",
      "datum['a'] + (" + script + ")",
      "\\u003cimg src=x onerror=" + script + "\\u003e",
      "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d \xe2\x80\xae \xd9\x85\xd8\xb1\xd8\xad\xd8\xa8\xd8\xa7",
      "a\xff\xfe \xed\xa0\x80 b",
      std::string("NUL \0 and \x01\x1b[31m", 16),
      "line\nbreak\ttab\r\xe2\x80\xa8separator",
      "\xf0\x9f\x92\xb6"};
  names.emplace_back(10000, 'W');
  std::string words;
  while (words.size() < 10000) words += "very long name ";
  names.push_back(words);
  return names;
}

Figure sample(const std::string& name, const FigureOptions& options) {
  Figure figure{.name = name, .title = "The template " + name, .computed = "Its samples."};
  for (char& c : figure.name)
    if (c == '_') c = '-';
  figure.specification = specification(name, {}, options);
  figure.table.columns = {"Template"};
  figure.table.rows = {{FigureCell::of_text(name)}};
  return figure;
}

// Rows called by hostile names, as bars; shares add up to one in each.
Figure hostile_bars(const std::vector<std::string>& names, const FigureOptions& options) {
  Figure figure{.name = "hostile", .title = names.front(), .computed = names[1]};
  SpecificationContent content{.data = {{"parts", Json::array()}}, .signals = Json::object(), .description = names[2]};
  figure.table.columns = {names[0], names[1], "Share"};
  for (std::size_t i = 0; i < names.size(); ++i)
    for (int part = 0; part < 2; ++part) {
      const double share = part == 0 ? 1. / 3 : 1 - 1. / 3;
      const std::string& other = names[(i + static_cast<std::size_t>(part)) % std::min<std::size_t>(18, names.size())];
      content.data["parts"].push_back({{"period", names[i]}, {"part", other}, {"order", part}, {"share", share}});
      figure.table.rows.push_back(
          {FigureCell::of_text(names[i]), FigureCell::of_text(other), FigureCell::share(share)});
    }
  figure.specification = specification("variance_split", content, options);
  return figure;
}

// A stage graph in use, of stages called so: from each to the next, and half as often to the one after.
Figure hostile_graph(const std::vector<std::string>& names, const FigureOptions& options) {
  StageGraph::Builder builder;
  std::set<std::string> taken;
  for (const std::string& name : names) try {
      // Names that no stage may have are refused here.
      StageGraph::Builder().stage(name).build();
      if (taken.insert(name).second) builder.stage(name);
    } catch (const Error&) {
      continue;
    }
  const StageGraph graph = builder.stage("Won <b>", StageKind::won).build();
  StageTraffic traffic;
  traffic.stages.resize(graph.stage_count(), {.begun = 10, .stands = 3, .median_days = 2.5});
  for (std::size_t i = 0; i + 1 < graph.stage_count(); ++i)
    for (std::size_t step = 1; step <= 2 && i + step < graph.stage_count(); ++step)
      traffic.moves.push_back({.from = static_cast<StageId>(i),
                               .to = static_cast<StageId>(i + step),
                               .count = 40 / step + i,
                               .days = 1.5 * static_cast<double>(i)});
  return stage_graph_figure(graph, traffic, options);
}

void write(const std::string& path, const std::vector<PageSection>& sections, const HtmlOptions& options) {
  std::ofstream out(path, std::ios::binary);
  write_html(out, sections, options);
  if (!out.flush()) throw std::runtime_error("cannot write " + path);
}

}  // namespace

int main(int argc, char** argv) try {
  const std::string folder = std::string(argv[1]) + "/";
  HtmlOptions options;
  options.runtime = VegaRuntime::embedded;
  options.figures.currency = "€";
  options.figures.language = Language::finnish;

  PageSection templates{.title = "Templates", .figures = {}};
  for (int i = 2; i < argc; ++i) templates.figures.push_back(sample(argv[i], options.figures));
  write(folder + "templates.html", {templates}, options);

  const std::vector<std::string> names = hostile_names();
  HtmlOptions hostile = options;
  hostile.title = names.front();
  hostile.subtitle = names[1];
  hostile.figures.currency = names.front();
  write(folder + "hostile.html",
        {{names[0], {hostile_bars(names, hostile.figures), hostile_graph(names, hostile.figures)}}, {names[4], {}}},
        hostile);

  std::vector<std::string> many;
  for (int i = 0; i < 200; ++i) many.push_back("Stage " + std::to_string(i));
  write(folder + "many.html",
        {{"200 stages", {hostile_bars(many, options.figures), hostile_graph(many, options.figures)}}}, options);
  write(folder + "one.html", {{"One deal", {hostile_bars({"a", "b", "c"}, options.figures)}}}, options);
  write(folder + "empty.html", {}, options);

  Figure broken = hostile_bars(names, options.figures);
  broken.specification =
      R"({"$schema":"https://vega.github.io/schema/vega/v5.json","marks":[{"type":"rect","from":{"data":"nothing"}}]})";
  write(folder + "broken.html", {{"Broken", {broken}}}, options);
  Figure wrong = hostile_bars({"a", "b", "c"}, options.figures);
  wrong.table.rows[0][2].number = 0.123;
  write(folder + "wrong.html", {{"Wrong", {wrong}}}, options);
  std::ofstream(folder + "wrong.json") << "[]";
  options.runtime = VegaRuntime::linked;
  write(folder + "linked.html", {{"Linked", {hostile_bars({"a", "b", "c"}, options.figures)}}}, options);
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
