// What customers are worth: who is still there, what they will buy, and what that is worth today.
//
//   customer_value --orders cdnow_sample.csv --customer master_id --date date --amount sales --as-of 1997-09-30
//                  --model bg_nbd

#include "command_line.hpp"
#include "order_arguments.hpp"
#include "picture_arguments.hpp"

#include <filesystem>

using namespace putki;

int main(int argc, char** argv) {
  CLI::App app("Value customers from the history of their orders", "customer_value");
  std::string as_of, horizon = "39w", discount = "0.15", json;
  example::OrderArguments given;
  std::size_t listed = 10;
  example::ValueQuestion question;
  example::add_order_options(app, given, true);
  app.add_option("--as-of", as_of, "Value as known at 00:00 of this day (YYYY-MM-DD); of dates, the day's own count")
      ->required();
  app.add_option("--horizon", horizon, "Count the purchases of so long from --as-of: 39w, 90d")->capture_default_str();
  app.add_option("--discount", discount, "Annual discount rate of the residual value; 0.15 is 15 %")
      ->capture_default_str();
  app.add_option(
      "--by", question.by,
      "Column of the orders (source, region, rep, ..): also by its value in a customer's first order, each with "
      "a model of its own that leans on the others as far as they are alike");
  app.add_option(
      "--covariate", question.covariates,
      "For bg_nbd, mbg_nbd and pareto_nbd: column of the orders that may tell how often customers buy and when they "
      "leave, by its value in the first order; give the option once for each. Numbers as they are, text as kinds "
      "beside the commonest one");
  app.add_option("--top", listed, "Customers in each list")->check(CLI::Range(1, 1000))->capture_default_str();
  app.add_option("--seed", question.seed, "Seed of the futures drawn for the intervals")
      ->check(CLI::Range(0, 2'000'000'000))
      ->capture_default_str();
  app.add_option("--json", json, "Write JSON in place of the tables, to this file or, without one, to standard output")
      ->expected(0, 1)
      ->default_str("-");
  example::PictureArguments pictures;
  example::add_picture_options(app, pictures);

  return example::run(app, argc, argv, [&] {
    if (app.count("--json") > 0 && json.empty()) json = "-";
    const FigureOptions figures = example::figure_options(pictures, json);
    question.as_of = example::day_argument("--as-of", as_of);
    question.horizon_days = example::duration_argument("--horizon", horizon);
    question.annual_discount = example::discount_argument(discount);
    question.period = example::period_argument(given.period);
    std::vector<std::string>& attributes = given.columns.attributes;
    if (!question.by.empty()) attributes = {question.by};
    attributes.insert(attributes.end(), question.covariates.begin(), question.covariates.end());
    question.has_contract_ends = !given.columns.contract_end.empty();
    const example::CustomerModel& chosen = example::customer_model(given.model);
    example::check_question(chosen, question, given.period);

    const ReadOrders orders = example::read_orders(given);
    question.progress = example::progress("valuing");
    CustomerValueReport report = chosen.value(OrderView(orders.log, question.as_of), question);
    report.model = chosen.name;
    report.model_name = chosen.title;
    if (!pictures.html.empty()) {
      example::write_page(
          pictures, {value_section(report, figures)},
          {.title = std::filesystem::path(given.file).stem().string(), .subtitle = to_string(question.as_of)});
      if (pictures.html == "-") return;
    }
    if (!json.empty()) return example::write_file(json, to_json(report, example::input_summary(orders.report)));
    write_tables(std::cout, report, listed);
    example::write_rows(std::cout, orders.report);
    for (const ParameterFit* fit : {&report.parameters, report.spend_parameters ? &*report.spend_parameters : nullptr})
      if (fit != nullptr)
        for (const std::string& warning : fit->info.warnings) std::cout << "  note       " << warning << '\n';
    for (const std::string& note : report.notes) std::cout << "  note       " << note << '\n';
  });
}
