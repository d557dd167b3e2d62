// Charts in a page of your own: every figure's specification as a JSON file, and a small page that loads them.
//
//   embed_dashboard FOLDER && python3 -m http.server --directory FOLDER    # then open http://localhost:8000
//
// A CRM would answer requests for these files from its own data, and put the script into a page that it has.

#include <putki/putki.hpp>

#include <fstream>
#include <iostream>

using namespace putki;

AsOf some_pipeline() {  // in your program: a row per change, from your database
  const StageGraph graph = StageGraph::b2b_template();
  EventLogBuilder builder(graph);
  for (int i = 0; i < 300; ++i) {
    const auto enter = [&](int day, const char* stage) {
      builder.add({.deal = builder.deal("deal " + std::to_string(i)),
                   .time = Timestamp(*parse_day("2024-01-01") + Days{day}),
                   .stage = *graph.find(stage),
                   .amount = Money::from_units(1000 + 37 * (i % 50))});
    };
    enter(i / 2, "Prospecting");
    if (i % 4 != 1) enter(i / 2 + 5 + i % 11, "Proposal");
    enter(i / 2 + 20 + i % 23, i % 3 == 0 ? "Won" : "Lost");
  }
  return AsOf(builder.build(), *parse_day("2024-05-01"));
}

constexpr const char* kScript = R"(for (const name of document.body.dataset.charts.trim().split(" ")) {
  const chart = await (await fetch(name + ".json")).json();
  document.body.appendChild(document.createElement("h2")).textContent = chart.description;
  const box = document.body.appendChild(document.createElement("div"));
  new vega.View(vega.parse(chart, null, {ast: true}), {expr: vega.expressionInterpreter, renderer: "svg", container: box})
    .width(box.clientWidth).run();
}
)";

int main(int argc, char** argv) {
  const std::string folder = argc > 1 ? argv[1] : ".";
  const AsOf today = some_pipeline();
  const ForecastModel model = fit_forecast_model(today);
  const OpenPipeline open = OpenPipeline::as_of_view(today);
  const ForecastOptions options{.horizon_days = 60};
  std::string names;
  for (const Figure& figure :
       forecast_section(forecast(model, open, options), running_totals(model, open, options)).figures) {
    std::ofstream(folder + "/" + figure.name + ".json") << figure.specification;
    names += figure.name + " ";
  }
  std::ofstream(folder + "/dashboard.js") << kScript;
  std::ofstream page(folder + "/index.html");
  page << "<!doctype html>\n<meta charset=\"utf-8\">\n<title>Pipeline</title>\n"
       << linked_vega_scripts() << "<body data-charts=\"" << names
       << "\">\n<script type=\"module\" src=\"dashboard.js\"></script>\n"
       << std::flush;
  (page ? std::cout : std::cerr) << (page ? "charts: " + names : "embed_dashboard: cannot write to " + folder) << '\n';
  return page ? 0 : 2;
}
