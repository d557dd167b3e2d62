// Plans a target: how many more leads it takes, where and by when, and what stands in the way.
//
//   plan_pipeline --pipeline crm_export.json --history crm_export.csv --as-of 2024-06-28 --target 150000
//     --by 2024-09-30 --booked-since 2024-04-01 --confidence 0.8

#include "command_line.hpp"
#include "picture_arguments.hpp"

using namespace putki;

int main(int argc, char** argv) {
  CLI::App app("Plan what a revenue target takes: leads, stages, weeks", "plan_pipeline");
  std::string definition_file, history_file, as_of, by, target, confidence = "0.8", least = "0.01", capacity, period,
                                                                booked_since, json;
  std::uint64_t seed = 1;
  int most_leads = 10'000;
  std::string clock = "calendar", half_life = "0";
  bool deal_size = false;
  bool in_place = false, expected = false;
  app.add_option("--pipeline", definition_file, "Pipeline definition (JSON)")->required()->check(CLI::ExistingFile);
  app.add_option("--history", history_file, "History of deals (CSV) as the definition describes it")
      ->required()
      ->check(CLI::ExistingFile);
  app.add_option("--as-of", as_of, "Plan from 00:00 of this day (YYYY-MM-DD); what happened by then is known")
      ->required();
  app.add_option("--target", target, "Revenue to reach, what is booked already included")->required();
  app.add_option("--by", by, "Last day on which revenue counts (YYYY-MM-DD)")->required();
  app.add_option("--confidence", confidence, "Wanted chance of reaching it, between 0 and 1")->capture_default_str();
  app.add_option("--capacity", capacity, "Most deals that can be open at once, for the weekly plan");
  app.add_option("--booked-since", booked_since,
                 "Count what was won since 00:00 of this day, such as the quarter's first");
  app.add_option("--period", period, "Look for gaps by day, week, month, quarter or year; month when not given");
  app.add_flag("--in-place-of-inflow", in_place, "Extra leads come in place of the usual inflow, not besides it");
  app.add_flag("--expected", expected, "The weekly plan is expected to reach the target, not confident to");
  app.add_option("--least-chance", least, "A lead matters while its chance to be won by then is at least this")
      ->capture_default_str();
  app.add_option("--most-leads", most_leads, "Where the search for leads ends")->capture_default_str();
  example::add_clock_options(app, clock, half_life);
  app.add_flag("--deal-size", deal_size, "Let the amount of a deal change its chances and its pace");
  app.add_option("--seed", seed, "Seed of the parameter draws")
      ->check(CLI::Range(0, 2'000'000'000))
      ->capture_default_str();
  app.add_option("--json", json, "Write JSON to this file (- for standard output) in place of the answer");
  example::PictureArguments pictures;
  example::add_picture_options(app, pictures);

  return example::run(app, argc, argv, [&] {
    const FigureOptions figures = example::figure_options(pictures, json);
    const PipelineDefinition definition = read_pipeline_definition(definition_file);
    const Day day = example::day_argument("--as-of", as_of), last = example::day_argument("--by", by);
    if (last < day) throw InvalidArgument("--by is " + by + ", before --as-of " + as_of);
    const double wanted = example::target_argument(target),
                 confident = example::number_argument("--confidence", confidence),
                 matters = example::number_argument("--least-chance", least);
    for (const auto& [option, value] : {std::pair{"--confidence", confident}, {"--least-chance", matters}})
      if (!(value > 0 && value < 1))
        throw InvalidArgument(std::string(option) + " is " + (option[2] == 'c' ? confidence : least) +
                              "; it lies between 0 and 1, such as 0.8");
    PlanOptions options{.target = wanted,
                        .forecast = {.horizon_days = 1, .seed = seed, .threads = 0},
                        .confidence = confident,
                        .in_place_of_inflow = in_place,
                        .least_chance = matters,
                        .most_leads = most_leads,
                        .aim = expected ? InflowAim::expected : InflowAim::confident};
    if (!capacity.empty()) options.capacity = example::number_argument("--capacity", capacity);
    if (!period.empty()) options.forecast.period = parse_period_unit(period);
    std::optional<Day> since;
    if (!booked_since.empty()) since = example::day_argument("--booked-since", booked_since);

    const ReadLog history = read_csv(history_file, definition, {.progress = example::progress("reading")});
    const AsOf view(history.log, day);
    const OpenPipeline pipeline = OpenPipeline::as_of_view(view, since);
    if (last < pipeline.first_day)
      throw InvalidArgument("--by is " + by + "; the records of that day are known, the plan begins on " +
                            to_string(pipeline.first_day));
    options.forecast.horizon_days = static_cast<int>((last - pipeline.first_day).count()) + 1;
    if (options.capacity && *options.capacity < static_cast<double>(pipeline.deals.size()))
      throw InvalidArgument("--capacity is " + capacity + ", but " + example::counted(pipeline.deals.size(), "deal") +
                            " are open already");
    ForecastModelOptions model_options{.seed = seed, .threads = 0, .progress = example::progress("learning")};
    if (definition.calendar) model_options.calendar = *definition.calendar;
    example::model_arguments(model_options.stages, clock, half_life, definition.calendar.has_value());
    model_options.deal_size = deal_size;
    const ForecastModel model = fit_forecast_model(view, model_options);
    options.forecast.progress = example::progress("planning");
    const Plan plan = make_plan(model, pipeline, options);

    const StageGraph& graph = model.stages.graph();
    if (!pictures.html.empty()) {
      example::write_page(pictures, {plan_section(plan, graph, figures)},
                          {.title = definition.name, .subtitle = to_string(day)});
      if (pictures.html == "-") return;
    }
    if (!json.empty()) return example::write_file(json, to_json(plan, graph));
    write_answer(std::cout, definition.name, plan, pipeline, graph, options);
    example::write_findings(std::cout, history, day);
    for (const std::string& warning : model.stages.stages().info().warnings)
      std::cout << "  note       " << warning << '\n';
  });
}
