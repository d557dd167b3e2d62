// Where deals are, where they go, how fast, how many are won, and what to do about it.
//
//   funnel_report --pipeline bpic2012_applications.json --history bpic2012_history.csv --as-of 2012-03-15

#include "command_line.hpp"
#include "funnel_pictures.hpp"
#include "funnel_sections.hpp"

using namespace putki;

int main(int argc, char** argv) {
  CLI::App app("Report the funnel from the history of deals", "funnel_report");
  std::string definition_file, history_file, as_of, since, json;
  std::vector<std::string> sections;
  example::FunnelQuestions questions;
  example::PictureArguments pictures;
  app.add_option("--pipeline", definition_file, "Pipeline definition (JSON)")->required()->check(CLI::ExistingFile);
  app.add_option("--history", history_file, "History of deals (CSV) as the definition describes it")
      ->required()
      ->check(CLI::ExistingFile);
  app.add_option("--as-of", as_of, "Report as known at 00:00 of this day (YYYY-MM-DD)")->required();
  app.add_option("--days", questions.stages.days, "Ages at which to read the curves, in days")
      ->delimiter(',')
      ->capture_default_str();
  app.add_option("--section", sections,
                 "In place of this week and stages: " + example::funnel_section_names() + ", or all")
      ->delimiter(',');
  app.add_option("--since", since, "Sections look back to 00:00 of this day (default: 28 days before --as-of)");
  app.add_option("--by", questions.by,
                 "A column among the definition's \"attributes\": sections for each of its values");
  add_options(app, questions);
  example::add_picture_options(app, pictures);
  app.add_option("--json", json, "Write JSON to this file (- for standard output) in place of the tables");

  return example::run(app, argc, argv, [&] {
    const PipelineDefinition definition = read_pipeline_definition(definition_file);
    questions.as_of = example::day_argument("--as-of", as_of);
    questions.since = since.empty() ? questions.as_of - Days{28} : example::day_argument("--since", since);
    if (questions.since >= questions.as_of)
      throw InvalidArgument("--since is " + to_string(questions.since) + ", not before --as-of " +
                            to_string(questions.as_of));
    if (sections.empty() && !questions.by.empty()) sections = {"week", "stages"};
    const auto chosen = example::chosen_sections(sections);
    const putki::FigureOptions figures = example::figure_options(pictures, json);
    const auto page = pictures.html.empty() ? std::vector<example::FunnelPictures>{} : example::chosen_pictures(chosen);
    const ReadLog history = read_csv(history_file, definition, {.progress = example::progress("reading")});
    example::stop_on_the_spot();
    const AsOf view(history.log, questions.as_of);
    questions.input = example::input_summary(history.report);
    // Segments are compared at the age that suits the whole.
    if (!chosen.empty() && !questions.close_days) questions.close_days = usual_close_days(view);

    if (!pictures.html.empty()) {
      example::write_page(
          pictures, example::funnel_page(page, view, questions, figures),
          {.title = definition.name,
           .subtitle = funnel_subtitle(questions.as_of, definition.shape != ExportShape::deals, figures)});
      if (pictures.html == "-") return;
    }
    if (json.empty() && definition.shape == ExportShape::deals)
      std::cout << "This export has no dates of entering stages: every deal is taken to stay in its\n"
                   "first stage until it ends. Close rates, lifetimes and cohorts hold; what is said\n"
                   "of stages, and of time in them, does not.\n\n";
    if (chosen.empty()) {
      const FunnelSummary summary = summarize_funnel(view, questions.stages);
      if (!json.empty()) return example::write_file(json, to_json(summary, questions.input));
      write_tables(std::cout, this_week(view, history.log.time_zone().start_of(questions.since)));
      std::cout << '\n';
      write_tables(std::cout, summary);
    } else {
      if (!json.empty()) return example::write_file(json, example::sections_json(chosen, view, questions));
      example::write_sections(std::cout, chosen, view, questions);
    }
    example::write_findings(std::cout, history, questions.as_of);
  });
}
