// Forecasts the revenue of the weeks to come from the history of deals.
//
//   revenue_forecast --pipeline bpic2012_offers.json --history bpic2012_history.csv --as-of 2012-01-13 --horizon 28d

#include "command_line.hpp"
#include "order_arguments.hpp"
#include "picture_arguments.hpp"

using namespace putki;

namespace {

/// What customers bring again, joined to the pipeline.
struct RecurringArguments {
  example::OrderArguments orders;
  std::size_t draws = 2'000;
  bool sale_is_fee = false;
};

void add_recurring_options(CLI::App& app, RecurringArguments& arguments) {
  example::add_order_options(app, arguments.orders, false, {.model = "--value-model", .period = "--value-period"});
  app.add_flag("--sale-is-fee", arguments.sale_is_fee,
               "For sbg and bdw: who is won renews at what his deal brought, not at the average fee");
  app.add_option("--draws", arguments.draws, "Possible futures of pipeline and customers, with --orders")
      ->check(CLI::Range(20, 1'000'000))
      ->capture_default_str();
}

/// Orders need all that tells how to read them, and without orders nothing of it is heeded.
void check_recurring_options(const CLI::App& app) {
  const bool has_orders = app.count("--orders") > 0;
  for (const char* needed : {"--customer", "--date", "--amount", "--value-model"})
    if (has_orders && app.count(needed) == 0) throw InvalidArgument(std::string(needed) + " is needed with --orders");
  for (const char* only : {"--customer", "--date", "--amount", "--value-model", "--value-period", "--contract-end",
                           "--date-format", "--decimal", "--thousands", "--keep-returns", "--sale-is-fee", "--draws"})
    if (!has_orders && app.count(only) > 0)
      throw InvalidArgument(std::string(only) + " is about the orders of customers; name them with --orders");
  if (has_orders && app.count("--explain") > 0)
    throw InvalidArgument("--explain is for the pipeline alone; with --orders the tables show what each part adds");
}

/// The customers of today by their orders, and what the read orders say about them.
struct Customers {
  example::CustomersToCome to_come;
  ReadOrders orders;
  CustomerValueReport fit;
  RecurringOptions options;
};

Customers learn_customers(const RecurringArguments& arguments, Day as_of, std::uint64_t seed) {
  const example::CustomerModel& chosen = example::customer_model(arguments.orders.model, "--value-model");
  example::ValueQuestion question{.as_of = as_of,
                                  .period = example::period_argument(arguments.orders.period, "--value-period"),
                                  .has_contract_ends = !arguments.orders.columns.contract_end.empty(),
                                  .by = {},
                                  .seed = seed,
                                  .progress = {}};
  example::check_question(chosen, question, arguments.orders.period, "--value-period");
  if (arguments.sale_is_fee && chosen.kind != example::ModelKind::contractual)
    throw InvalidArgument("--sale-is-fee is for sbg and bdw; " + arguments.orders.model + " has no fees");

  Customers customers{.to_come = {}, .orders = example::read_orders(arguments.orders), .fit = {}, .options = {}};
  question.to_come = &customers.to_come;
  const OrderView view(customers.orders.log, as_of);
  customers.fit = chosen.value(view, question);
  customers.fit.model_name = chosen.title;
  customers.options = {.draws = arguments.draws,
                       .customers_from = Day{Days{view.first_unknown_day()}},
                       .progress = example::progress("forecasting")};
  if (arguments.sale_is_fee) customers.options.typical_sale = customers.to_come.fee;
  return customers;
}

/// What was read of the orders, and what is to be said of the fit.
void write_customers(std::ostream& out, const Customers& customers) {
  out << "\nOrders: " << example::counted(customers.to_come.revenue.customer_count(), "customer") << ", "
      << customers.fit.model_name;
  example::write_rows(out, customers.orders.report);
  for (const ParameterFit* fit :
       {&customers.fit.parameters, customers.fit.spend_parameters ? &*customers.fit.spend_parameters : nullptr})
    if (fit != nullptr)
      for (const std::string& warning : fit->info.warnings) out << "  note       " << warning << '\n';
  for (const std::string& note : customers.fit.notes) out << "  note       " << note << '\n';
}

}  // namespace

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
  RecurringArguments recurring;
  add_recurring_options(app, recurring);
  app.add_option("--seed", seed, "Seed of the parameter draws")
      ->check(CLI::Range(0, 2'000'000'000))
      ->capture_default_str();
  app.add_option("--json", json, "Write JSON to this file (- for standard output) in place of the table");
  example::PictureArguments pictures;
  example::add_picture_options(app, pictures);

  return example::run(app, argc, argv, [&] {
    const FigureOptions figures = example::figure_options(pictures, json);
    check_recurring_options(app);
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
    std::optional<Customers> customers;
    if (!recurring.orders.file.empty()) customers = learn_customers(recurring, day, seed);
    options.progress = example::progress("forecasting");
    std::optional<Forecast> alone;
    std::optional<RecurringForecast> joined;
    if (customers)
      joined = forecast_with_recurring(model, pipeline, customers->to_come.revenue, options, customers->options);
    else
      alone = forecast(model, pipeline, options);

    std::optional<ForecastExplanation> explanation;
    if (explain) explanation = explain_forecast(model, pipeline, options);
    const auto segments = by.empty() ? std::vector<SegmentForecast>() : forecast_by_segment(model, pipeline, options);

    if (!pictures.html.empty()) {
      std::vector<PageSection> sections;
      if (joined) {
        sections.push_back(recurring_section(*joined, target, figures));
        sections.back().figures.push_back(
            open_stages_figure(deal_parts(model, pipeline, options), history.log.graph(), figures));
      } else if (alone) {
        sections.push_back(forecast_section(*alone, running_totals(model, pipeline, options), target, figures));
        sections.push_back(explanation_section(*alone,
                                               explanation ? *explanation : explain_forecast(model, pipeline, options),
                                               deal_parts(model, pipeline, options), figures));
      }
      example::write_page(pictures, sections, {.title = definition.name, .subtitle = to_string(day)});
      if (pictures.html == "-") return;
    }
    if (!json.empty()) {
      std::string text;
      if (joined)
        text = to_json(*joined, target);
      else if (alone)
        text = to_json(*alone, target, explanation ? &*explanation : nullptr);
      return example::write_file(json, by.empty() ? text : with_segments(text, by, model.groups, segments));
    }
    write_heading(std::cout, definition.name, pipeline);
    if (joined)
      write_table(std::cout, *joined, target);
    else if (alone)
      write_table(std::cout, *alone, target);
    if (!by.empty()) {
      std::cout << (joined ? "\nThe pipeline alone:\n\n" : "\n");
      write_segments(std::cout, by, model.groups, segments);
    }
    write_size_effects(std::cout, model.groups, history.log.graph());
    if (alone && explanation) write_explanation(std::cout, *alone, *explanation);
    if (customers) {
      write_customers(std::cout, *customers);
      std::cout << "\nDeals";
    }
    example::write_findings(std::cout, history, day);
    for (const std::string& warning : model.stages.stages().info().warnings)
      std::cout << "  note       " << warning << '\n';
    for (const std::string& note : model.stages.choice().notes) std::cout << "  note       " << note << '\n';
    double wins = 0;
    if (joined) wins = joined->total.open_wins + joined->total.new_wins;
    if (alone) wins = alone->total.open_wins + alone->total.new_wins;
    if (model.amounts.mean() == 0 && wins > 0)
      std::cout << "  note       no won deal has an amount: wins are expected, but what they bring is not known\n";
    if (wins == 0)
      std::cout << "  note       no way to a win was seen by " << to_string(day) << ", so none is forecast\n";
  });
}
