// What customers are worth: who is still there, what they will buy, and what that is worth today.
//
//   customer_value --orders cdnow_sample.csv --customer master_id --date date --amount sales --as-of 1997-09-30
//                  --model bg_nbd

#include "command_line.hpp"
#include "customer_models.hpp"
#include "picture_arguments.hpp"

#include <filesystem>

using namespace putki;

int main(int argc, char** argv) {
  CLI::App app("Value customers from the history of their orders", "customer_value");
  std::string orders_file, as_of, model, horizon = "39w", discount = "0.15", json, period, date_format = "auto",
                                         decimal = ".", thousands;
  OrderColumns columns;
  bool keep_returns = false;
  std::size_t listed = 10;
  example::ValueQuestion question;
  app.add_option("--orders", orders_file, "Orders (CSV), a row per order")->required()->check(CLI::ExistingFile);
  app.add_option("--customer", columns.customer, "Column of the customer")->required();
  app.add_option("--date", columns.date, "Column of the day or time of the order")->required();
  app.add_option("--amount", columns.amount, "Column of the amount; without it purchases are counted, not valued");
  app.add_option("--as-of", as_of, "Value as known at 00:00 of this day (YYYY-MM-DD); of dates, the day's own count")
      ->required();
  app.add_option("--model", model, example::customer_model_help())->required();
  app.add_option("--horizon", horizon, "Count the purchases of so long from --as-of: 39w, 90d")->capture_default_str();
  app.add_option("--discount", discount, "Annual discount rate of the residual value; 0.15 is 15 %")
      ->capture_default_str();
  app.add_option("--period", period,
                 "Length of a period, for bg_bb, sbg and bdw: 28d, 4w, or week, month, quarter, year of the calendar. "
                 "Only whole periods count (default: month)");
  app.add_option(
      "--contract-end", columns.contract_end,
      "For sbg and bdw: column of the day on which the contract ended, empty while it runs. Without it every "
      "period under contract brings an order, and the first without any ended it");
  app.add_option(
      "--by", question.by,
      "Column of the orders (source, region, rep, ..): also by its value in a customer's first order, each with "
      "a model of its own that leans on the others as far as they are alike");
  app.add_option("--date-format", date_format, "auto, iso8601, mdy, dmy, epoch_s or epoch_ms")->capture_default_str();
  app.add_option("--decimal", decimal, "Decimal mark of amounts: . or ,")->capture_default_str();
  app.add_option("--thousands", thousands, "Thousands mark of amounts: . , ' or a blank (default: none)");
  app.add_flag("--keep-returns", keep_returns,
               "Amounts below zero take from the purchases before them; without it their rows are set aside");
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
    const FigureOptions figures = example::figure_options(pictures);
    question.as_of = example::day_argument("--as-of", as_of);
    question.horizon_days = example::duration_argument("--horizon", horizon);
    question.annual_discount = example::discount_argument(discount);
    question.period = example::period_argument(period);
    if (!question.by.empty()) columns.attributes = {question.by};
    question.has_contract_ends = !columns.contract_end.empty();
    const example::CustomerModel& chosen = example::customer_model(model);
    example::check_question(chosen, question, period);

    const OrderReadOptions options{.formats = example::order_formats(date_format, decimal, thousands),
                                   .returns = keep_returns ? ReturnPolicy::keep : ReturnPolicy::set_aside,
                                   .progress = example::progress("reading")};
    const ReadOrders orders = example::read_orders(orders_file, columns, options);
    question.progress = example::progress("valuing");
    CustomerValueReport report = chosen.value(OrderView(orders.log, question.as_of), question);
    report.model = chosen.name;
    report.model_name = chosen.title;
    if (!pictures.html.empty()) {
      example::write_page(
          pictures, {value_section(report, figures)},
          {.title = std::filesystem::path(orders_file).stem().string(), .subtitle = to_string(question.as_of)});
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
