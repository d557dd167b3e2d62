// Forecasts the revenue of the weeks to come from the history of deals.
//
//   revenue_forecast --pipeline bpic2012_offers.json --history bpic2012_history.csv --as-of 2012-01-13 --horizon 28d

#include "command_line.hpp"
#include "picture_arguments.hpp"

using namespace putki;

int main(int argc, char** argv) {
  CLI::App app("Forecast revenue from the history of deals", "revenue_forecast");
  std::string definition_file, history_file, as_of, horizon, period, booked_since, target_text, by, json;
  std::uint64_t seed = 1;
  bool explain = false;
  std::string clock = "calendar", half_life = "0";
  bool deal_size = false;
  app.add_option("--pipeline", definition_file, "Pipeline definition (JSON)")->required()->check(CLI::ExistingFile);
  app.add_option("--history", history_file, "History of deals (CSV) as the definition describes it")
      ->required()
      ->check(CLI::ExistingFile);
  app.add_option("--as-of", as_of, "Forecast from 00:00 of this day (YYYY-MM-DD); what happened by then is known")
      ->required();
  app.add_option("--horizon", horizon, "How far: 28d, 4w")->required();
  app.add_option("--period", period, "Show each day, week, month, quarter or year of the horizon");
  app.add_option("--booked-since", booked_since,
                 "Count what was won since 00:00 of this day, such as the quarter's first");
  app.add_option("--target", target_text, "Also the chance of reaching this revenue");
  example::add_clock_options(app, clock, half_life);
  app.add_flag("--explain", explain,
               "Also what the forecast is made of: parts of mean and variance, the largest deals, levers");
  app.add_option("--by", by,
                 "Column of the export (owner, source, ..) whose values may win at other rates; shown one by one");
  app.add_flag("--deal-size", deal_size, "Let the amount of a deal change its chances and its pace");
  app.add_option("--seed", seed, "Seed of the parameter draws")
      ->check(CLI::Range(0, 2'000'000'000))
      ->capture_default_str();
  app.add_option("--json", json, "Write JSON to this file (- for standard output) in place of the table");
  example::PictureArguments pictures;
  example::add_picture_options(app, pictures);

  return example::run(app, argc, argv, [&] {
    const FigureOptions figures = example::figure_options(pictures);
    const PipelineDefinition definition = read_pipeline_definition(definition_file);
    const Day day = example::day_argument("--as-of", as_of);
    ForecastOptions options{
        .horizon_days = example::duration_argument("--horizon", horizon), .seed = seed, .threads = 0};
    if (!period.empty()) options.period = parse_period_unit(period);
    std::optional<double> target;
    if (!target_text.empty()) target = example::target_argument(target_text);
    std::optional<Day> since;
    if (!booked_since.empty()) since = example::day_argument("--booked-since", booked_since);

    const ReadLog history = read_csv(history_file, definition, {.progress = example::progress("reading")});
    const AsOf view(history.log, day);
    const OpenPipeline pipeline = OpenPipeline::as_of_view(view, since, by);
    ForecastModelOptions model_options{.seed = seed, .threads = 0, .progress = example::progress("learning")};
    if (definition.calendar) model_options.calendar = *definition.calendar;
    example::model_arguments(model_options.stages, clock, half_life, definition.calendar.has_value());
    model_options.by = by;
    model_options.deal_size = deal_size;
    const ForecastModel model = fit_forecast_model(view, model_options);
    options.progress = example::progress("forecasting");
    const Forecast result = forecast(model, pipeline, options);

    std::optional<ForecastExplanation> explanation;
    if (explain) explanation = explain_forecast(model, pipeline, options);
    const auto segments = by.empty() ? std::vector<SegmentForecast>() : forecast_by_segment(model, pipeline, options);

    if (!pictures.html.empty()) {
      example::write_page(
          pictures,
          {forecast_section(result, running_totals(model, pipeline, options), target, figures),
           explanation_section(result, explanation ? *explanation : explain_forecast(model, pipeline, options),
                               deal_parts(model, pipeline, options), figures)},
          {.title = definition.name, .subtitle = to_string(day)});
      if (pictures.html == "-") return;
    }
    if (!json.empty()) {
      const std::string text = to_json(result, target, explanation ? &*explanation : nullptr);
      return example::write_file(json, by.empty() ? text : with_segments(text, by, model.groups, segments));
    }
    write_heading(std::cout, definition.name, pipeline);
    write_table(std::cout, result, target);
    if (!by.empty()) {
      std::cout << '\n';
      write_segments(std::cout, by, model.groups, segments);
    }
    write_size_effects(std::cout, model.groups, history.log.graph());
    if (explanation) write_explanation(std::cout, result, *explanation);
    example::write_findings(std::cout, history, day);
    for (const std::string& warning : model.stages.stages().info().warnings)
      std::cout << "  note       " << warning << '\n';
    for (const std::string& note : model.stages.choice().notes) std::cout << "  note       " << note << '\n';
    if (model.amounts.mean() == 0 && result.total.open_wins + result.total.new_wins > 0)
      std::cout << "  note       no won deal has an amount: wins are expected, but what they bring is not known\n";
    if (result.total.open_wins + result.total.new_wins == 0)
      std::cout << "  note       no way to a win was seen by " << to_string(day) << ", so none is forecast\n";
  });
}
