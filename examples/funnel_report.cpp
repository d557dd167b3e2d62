// Where deals are, where they go, how fast, and how many are won.
//
//   funnel_report --pipeline bpic2012_applications.json --history bpic2012_history.csv --as-of 2012-03-15

#include "command_line.hpp"

using namespace putki;

int main(int argc, char** argv) {
  CLI::App app("Report the funnel from the history of deals", "funnel_report");
  std::string definition_file, history_file, as_of, json;
  FunnelSummaryOptions options;
  app.add_option("--pipeline", definition_file, "Pipeline definition (JSON)")->required()->check(CLI::ExistingFile);
  app.add_option("--history", history_file, "History of deals (CSV) as the definition describes it")
      ->required()
      ->check(CLI::ExistingFile);
  app.add_option("--as-of", as_of, "Report as known at 00:00 of this day (YYYY-MM-DD)")->required();
  app.add_option("--days", options.days, "Ages at which to read the curves, in days")
      ->delimiter(',')
      ->capture_default_str();
  app.add_option("--json", json, "Write JSON to this file (- for standard output) in place of the tables");

  return example::run(app, argc, argv, [&] {
    const PipelineDefinition definition = read_pipeline_definition(definition_file);
    const Day day = example::day_argument("--as-of", as_of);
    const ReadLog history = read_csv(history_file, definition, {.progress = example::progress("reading")});
    const FunnelSummary summary = summarize_funnel(AsOf(history.log, day), options);
    if (!json.empty()) return example::write_file(json, to_json(summary, example::input_summary(history.report)));
    write_tables(std::cout, summary);
    example::write_findings(std::cout, history, day);
  });
}
