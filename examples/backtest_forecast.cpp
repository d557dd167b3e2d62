// Puts the forecast to the test on the past: as of one day after another, against what then came and against simple
// methods.
//
//   backtest_forecast --pipeline bpic2012_offers.json --history bpic2012_history.csv --from 2011-11-25 --to 2012-03-12
//     --every 7d --horizon 7d,14d,28d

#include "command_line.hpp"
#include "picture_arguments.hpp"

using namespace putki;

int main(int argc, char** argv) {
  CLI::App app("Test revenue forecasts on the past", "backtest_forecast");
  std::string definition_file, history_file, from, to, every = "7d", by, json;
  std::vector<std::string> horizons{"7d", "14d", "28d"};
  std::uint64_t seed = 1;
  std::string clock = "calendar", half_life = "0";
  bool deal_size = false;
  app.add_option("--pipeline", definition_file, "Pipeline definition (JSON)")->required();
  app.add_option("--history", history_file, "History of deals (CSV) as the definition describes it")->required();
  app.add_option("--from", from, "First day to forecast from, at 00:00 (YYYY-MM-DD)")->required();
  app.add_option("--to", to, "Use nothing after 00:00 of this day: every horizon ends by then")->required();
  app.add_option("--every", every, "From one forecast to the next: 7d, 4w")->capture_default_str();
  app.add_option("--horizon", horizons, "How far, with commas between: 7d,14d,28d")
      ->delimiter(',')
      ->capture_default_str();
  example::add_clock_options(app, clock, half_life);
  app.add_option("--by", by, "Column of the export (owner, source, ..) whose values may win at other rates");
  app.add_flag("--deal-size", deal_size, "Let the amount of a deal change its chances and its pace");
  app.add_option("--seed", seed, "Seed of the parameter draws")
      ->check(CLI::Range(0, 2'000'000'000))
      ->capture_default_str();
  app.add_option("--json", json, "Write JSON to this file (- for standard output) in place of the table");
  example::PictureArguments pictures;
  example::add_picture_options(app, pictures);

  return example::run(app, argc, argv, [&] {
    const FigureOptions figures = example::figure_options(pictures, json);
    const PipelineDefinition definition = read_pipeline_definition(definition_file);
    BacktestOptions options{.from = example::day_argument("--from", from),
                            .to = example::day_argument("--to", to),
                            .every_days = example::duration_argument("--every", every),
                            .horizons = {}};
    options.model.seed = options.forecast.seed = seed;
    example::model_arguments(options.model.stages, clock, half_life, definition.calendar.has_value());
    options.model.by = by;
    options.model.deal_size = deal_size;
    if (definition.calendar) options.model.calendar = *definition.calendar;
    for (const std::string& horizon : horizons)
      options.horizons.push_back(example::duration_argument("--horizon", horizon));

    const ReadLog history = read_csv(history_file, definition, {.progress = example::progress("reading")});
    if (const auto last = history.log.last_time(); last && *last < history.log.time_zone().start_of(*options.to))
      std::cerr << app.get_name() << ": the history ends on " << to_string(history.log.time_zone().day_of(*last))
                << "; outcomes up to " << to << " are taken to be complete\n";
    options.progress = example::progress("forecasting the past");
    const Backtest result = backtest(history.log, options);

    if (!pictures.html.empty()) {
      example::write_page(pictures, {backtest_section(result, figures)},
                          {.title = definition.name, .subtitle = from + " – " + to});
      if (pictures.html == "-") return;
    }
    if (!json.empty()) return example::write_file(json, to_json(result));
    write_table(std::cout, result);
    example::write_findings(std::cout, history, options.from);
  });
}
