// What the pipeline is worth with what its customers buy afterwards, which open deals are worth most, and which sources
// bring customers who stay.
//
//   pipeline_value --pipeline company.json --history company_deals.csv --orders company_orders.csv
//                  --customer customer --date date --amount amount --model bg_nbd --as-of 2026-07-01 --by source

#include "command_line.hpp"
#include "order_arguments.hpp"

using namespace putki;

namespace {

/// `0.6`, or `0.2,0.6`: of sales and of later purchases.
Margin margin_argument(const std::string& text) {
  const std::size_t comma = text.find(',');
  const double sales = example::number_argument("--margin", text.substr(0, comma));
  const Margin margin{
      sales, comma == std::string::npos ? sales : example::number_argument("--margin", text.substr(comma + 1))};
  for (const double share : {margin.sales, margin.later})
    if (!(share >= 0 && share <= 1))
      throw InvalidArgument("--margin is '" + text +
                            "'; allowed are shares from 0 to 1, of all or of sales and of later purchases: 0.2,0.6");
  return margin;
}

/// One object of the reports asked for.
std::string joined_json(const std::vector<std::pair<std::string, std::string>>& parts) {
  std::string text = "{";
  for (const auto& [name, json] : parts) text += (text.size() > 1 ? ",\n\"" : "\n\"") + name + "\": " + json;
  return text + "\n}";
}

void write_notes(std::ostream& out, const CustomerValueReport& fit, const DatedModel& stages) {
  std::vector<std::string> notes = fit.notes;
  for (const ParameterFit* of : {&fit.parameters, fit.spend_parameters ? &*fit.spend_parameters : nullptr})
    if (of != nullptr) notes.insert(notes.end(), of->info.warnings.begin(), of->info.warnings.end());
  const auto& warnings = stages.stages().info().warnings;
  notes.insert(notes.end(), warnings.begin(), warnings.end());
  for (const std::string& note : notes) out << "  note       " << note << '\n';
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Value the pipeline, its deals and their sources with what customers buy later", "pipeline_value");
  std::string definition_file, history_file, as_of, horizon = "365d", discount = "0.15", margin = "1", json;
  example::OrderArguments order_arguments;
  example::ValueQuestion question;
  std::size_t draws = 1000, listed = 10;
  app.add_option("--pipeline", definition_file, "Pipeline definition (JSON)")->required()->check(CLI::ExistingFile);
  app.add_option("--history", history_file, "History of deals (CSV) as the definition describes it")
      ->required()
      ->check(CLI::ExistingFile);
  example::add_order_options(app, order_arguments, true);
  app.add_option("--as-of", as_of, "Value on this day (YYYY-MM-DD), from what was known at its 00:00")->required();
  app.add_option("--horizon", horizon,
                 "Deals won in so long count, and all that their customers buy afterwards: 365d, 26w")
      ->capture_default_str();
  app.add_option("--discount", discount, "Annual discount rate; 0.15 is 15 %")->capture_default_str();
  app.add_option("--margin", margin,
                 "Share of revenue that stays; two shares: of sales and of later purchases, 0.2,0.6")
      ->capture_default_str();
  app.add_option(
      "--by", question.by,
      "Column of deals and of orders, by the same name and with the same values (source, region, ..): values "
      "newcomers by it, and shows which bring customers who stay");
  app.add_option("--draws", draws, "Possible futures of pipeline and customers")
      ->check(CLI::Range(20, 1'000'000))
      ->capture_default_str();
  app.add_option("--top", listed, "Deals and sources in each list")->check(CLI::Range(1, 1000))->capture_default_str();
  app.add_option("--seed", question.seed, "Seed of the draws")
      ->check(CLI::Range(0, 2'000'000'000))
      ->capture_default_str();
  app.add_option("--json", json, "Write JSON in place of the tables, to this file or, without one, to standard output")
      ->expected(0, 1)
      ->default_str("-");

  return example::run(app, argc, argv, [&] {
    if (app.count("--json") > 0 && json.empty()) json = "-";
    const Day day = example::day_argument("--as-of", as_of);
    const int horizon_days = example::duration_argument("--horizon", horizon);
    const Margin share = margin_argument(margin);
    question.as_of = day;
    question.annual_discount = example::discount_argument(discount);
    question.period = example::period_argument(order_arguments.period);
    question.has_contract_ends = !order_arguments.columns.contract_end.empty();
    if (order_arguments.columns.amount.empty())
      throw InvalidArgument("--amount is needed: what customers spend is part of the value");
    const example::CustomerModel& chosen = example::customer_model(order_arguments.model);
    example::check_question(chosen, question, order_arguments.period);

    const PipelineDefinition definition = read_pipeline_definition(definition_file);
    const ReadLog history = read_csv(history_file, definition, {.progress = example::progress("reading deals")});
    if (!question.by.empty()) order_arguments.columns.attributes = {question.by};
    const ReadOrders orders = example::read_orders(order_arguments);
    const AsOf view(history.log, day);
    const OpenPipeline pipeline = OpenPipeline::as_of_view(view, std::nullopt, question.by);
    ForecastModelOptions model_options{
        .by = question.by, .seed = question.seed, .threads = 0, .progress = example::progress("learning")};
    if (definition.calendar) model_options.calendar = *definition.calendar;
    const ForecastModel model = fit_forecast_model(view, model_options);
    CustomerSegments customers;
    question.segments = &customers;
    const CustomerValueReport fit = chosen.value(OrderView(orders.log, day), question);

    const PipelineValue worth = pipeline_value(model, pipeline, customers,
                                               {.horizon_days = horizon_days,
                                                .annual_discount = question.annual_discount,
                                                .margin = share,
                                                .draws = draws,
                                                .seed = question.seed,
                                                .threads = 0,
                                                .progress = example::progress("valuing")});
    const LeadValues leads = lead_values(model, pipeline, customers,
                                         {.horizon_days = horizon_days,
                                          .annual_discount = question.annual_discount,
                                          .margin = share,
                                          .seed = question.seed,
                                          .threads = 0,
                                          .progress = example::progress("ranking")});
    std::optional<SourceValues> sources;
    if (!question.by.empty())
      sources = source_values(model, view, question.by, customers, {.margin = share, .seed = question.seed});

    if (!json.empty())
      return example::write_file(json, joined_json({{"pipeline", to_json(worth)},
                                                    {"leads", to_json(leads, view.graph())},
                                                    {"sources", sources ? to_json(*sources) : "null"}}));
    write_tables(std::cout, worth);
    std::cout << "\n== Open deals ==\n\n";
    write_tables(std::cout, leads, view.graph(), listed);
    if (sources) {
      std::cout << "\n== By " << question.by << " ==\n\n";
      write_tables(std::cout, *sources, listed);
    }
    std::cout << "\nDeals";
    example::write_findings(std::cout, history, day);
    std::cout << "\nOrders, " << chosen.title;
    example::write_rows(std::cout, orders.report);
    write_notes(std::cout, fit, model.stages);
  });
}
