// Any bytes are a log or an Error, and every row is used or reported. The first byte chooses the definition that the
// rest is read with (its low three bits) and strict reading (the next); with its seventh bit (capital letters have it,
// digits do not) the rest is a table of orders, and the low bits are how that is read.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <putki/core/error.hpp>
#include <putki/ingest/csv_reader.hpp>
#include <putki/ingest/order_reader.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

/// Three stages and, beside them, how the export is written.
putki::PipelineDefinition definition(const std::string& rest) {
  return putki::parse_pipeline_definition(
      R"({"stages": [{"name": "New", "aliases": ["n"]}, {"name": "Offer", "kind": "on_hold"},
                     {"name": "Won", "kind": "won"}, {"name": "Lost", "kind": "lost"}],
          "ignore": ["Note"], )" +
      rest + "}");
}

const std::string kHistory = R"("columns": {"deal": "id", "stage": "stage", "time": "at", "amount": "amount",
                                            "expected_close": "close", "attributes": ["owner"]})";
const std::string kDeals = R"("shape": "deals", "columns": {"deal": "id", "stage": "stage", "amount": "amount",
                                                            "created": "created", "closed": "closed"})";
const std::string kStageDates = R"("shape": "stage_dates", "columns": {"deal": "id", "amount": "amount",
                                   "stage_dates": {"New": "new", "Offer": "offer", "Won": "won", "Lost": "lost"}})";

const std::vector<putki::PipelineDefinition>& definitions() {
  static const std::vector<putki::PipelineDefinition> all = {
      definition(kHistory),
      definition(kDeals),
      definition(kStageDates),
      definition(kHistory + R"(, "reopened": "keep", "time_zone": "CET-1CEST,M3.5.0,M10.5.0/3")"),
      definition(kHistory + R"(, "formats": {"time": "dmy", "decimal": ",", "thousands": "."})"),
      definition(kDeals + R"(, "formats": {"time": "mdy", "thousands": ",", "separator": ";"})"),
      definition(kHistory + R"(, "formats": {"time": "epoch_s", "separator": "tab"})"),
      definition(kStageDates + R"(, "time_zone": "+05:30", "formats": {"time": "epoch_ms"})"),
  };
  return all;
}

void read_orders(std::string_view text, unsigned choice) {
  putki::OrderReadOptions options{.strict = (choice & 8U) != 0};
  if ((choice & 1U) != 0)
    options.formats = {.time = putki::TimeFormat::day_month_year, .decimal = ',', .thousands = '.'};
  if ((choice & 2U) != 0) options.returns = putki::ReturnPolicy::keep;
  if ((choice & 4U) != 0) options.duplicates = putki::DuplicatePolicy::drop;
  const putki::ReadOrders read = putki::parse_orders_csv(
      text, {.customer = "id", .date = "at", .amount = "amount", .contract_end = "close", .attributes = {"owner"}},
      options);
  require(read.report.adds_up());
  require(read.report.rows_used() == read.log.order_count());
  if (options.strict) require(read.report.rows_set_aside() == 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const putki::PipelineDefinition& chosen = definitions()[data[0] & 7U];
  const bool strict = (data[0] & 8U) != 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  try {
    if ((data[0] & 64U) != 0) {
      read_orders(text, data[0]);
      return 0;
    }
    const putki::ReadLog read = putki::parse_csv(text, chosen, {.strict = strict});
    require(read.report.adds_up());
    if (strict) require(read.report.rows_set_aside() == read.report.count(putki::DataRule::ignored_stage));
  } catch (const putki::Error& error) {
    require(std::string_view(error.what()).find('\n') == std::string_view::npos);
  }
  return 0;
}
