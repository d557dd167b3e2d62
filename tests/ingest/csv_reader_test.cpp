#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "ingest/csv_support.hpp"

using namespace putki;
using namespace putki_test;
using namespace std::chrono;
using namespace std::string_literals;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

std::vector<std::string> names_of(const EventLog& log) {
  std::vector<std::string> names;
  for (std::size_t d = 0; d < log.deal_count(); ++d) names.emplace_back(log.deal_name(static_cast<DealId>(d)));
  return names;
}

std::string input_error(const std::string& text, const PipelineDefinition& definition = plain_definition(),
                        ErrorCode expected = ErrorCode::format) {
  const auto [message, code] = complaint<InputError>(text, definition);
  CHECK(code == expected);
  CHECK(message.find('\n') == std::string::npos);
  CHECK_THAT(message, StartsWith("deals.csv"));
  return message;
}

}  // namespace

TEST_CASE("a history is read: stages, times, amounts, close dates, owners") {
  const ReadLog read = parse_csv(kHistoryHeader + R"(D1,New lead,2012-01-13T08:00:00Z,1000,2012-03-01,Ann
D2,Lead,2012-01-14T08:00:00Z,,,
D1,Offer,2012-01-15T08:00:00Z,1200.50,2012-04-01,Bob
D1,closed won,2012-02-01T08:00:00Z,1150,,
)"s,
                                 history_definition());
  CHECK(names_of(read.log) == std::vector<std::string>{"D1", "D2"});
  CHECK(std::vector<StageId>(read.log.stages().begin(), read.log.stages().end()) ==
        std::vector{kLead, kOffer, kWon, kLead});
  CHECK(read.log.times()[1] == Day{2012y / 1 / 15} + 8h);
  CHECK(read.log.amounts()[1] == Money{120'050});
  CHECK(read.log.amounts()[3] == kNoAmount);
  CHECK(to_day(read.log.expected_closes()[0]) == Day{2012y / 3 / 1});
  CHECK(read.log.expected_closes()[2] == kNoDay);
  CHECK(read.log.attribute("owner").values == std::vector<std::string>{"", "Ann"});
  CHECK(read.report.rows_read() == 4);
  CHECK(read.report.rows_used() == 4);
}

TEST_CASE("an attribute is that of the earliest row, also when the newest comes first") {
  const ReadLog read = parse_csv(kHistoryHeader + R"(D1,Offer,2012-01-15,,,Bob
D1,Lead,2012-01-14,,,Ann
D1,Lead,2012-01-13,,,
)"s,
                                 history_definition());
  const Attribute& owner = read.log.attribute("owner");
  CHECK(owner.values[owner.codes[0]] == "Ann");
}

TEST_CASE("separators are detected, also past quoted headers that hold others") {
  for (const char separator : {',', ';', '\t', '|'}) {
    std::string text = "\"a,b;c\td|e\"#id#stage#at#\"x,y,z,1,2,3\"\nx#D;1#Lead#2012-01-13#y\n";
    if (separator == ';') text = "\"a,b;c\td|e\"#id#stage#at#\"x,y,z,1,2,3\"\nx#\"D;1\"#Lead#2012-01-13#y\n";
    for (char& c : text) c = c == '#' ? separator : c;
    INFO("separator " << separator);
    CHECK(names_of(parse_csv(text, plain_definition()).log) == std::vector<std::string>{"D;1"});
  }
}

TEST_CASE("a stated separator is kept to") {
  const std::string text = "id;stage;at\nD1;Lead;2012-01-13\n";
  CHECK(parse_csv(text, plain_definition(R"({"separator": ";"})")).log.deal_count() == 1);
  CHECK_THAT(
      input_error(text, plain_definition(R"({"separator": ","})")),
      Contains("no column \"id\" (the definition's columns.deal); with separator , the file has: \"id;stage;at\""));
}

TEST_CASE("line ends may be LF, CRLF or CR, the last one may be missing, a byte-order mark is skipped") {
  const std::vector<std::string> lines = {"id,stage,at", "D1,Lead,2012-01-13", "\"D\r\n2\",Lead,2012-01-13",
                                          "D3,Lead,2012-01-14"};
  for (const std::string end : {"\n", "\r\n", "\r"}) {
    for (const bool ended : {false, true}) {
      for (const std::string mark : {"", "\xef\xbb\xbf"}) {
        std::string text = mark;
        for (const auto& line : lines) text += line + end;
        if (!ended) text.resize(text.size() - end.size());
        const ReadLog read = parse_csv(text, plain_definition());
        CHECK(names_of(read.log) == std::vector<std::string>{"D1", "D\r\n2", "D3"});
        CHECK(read.report.rows_read() == 3);
      }
    }
  }
}

TEST_CASE("quotes: separators, doubled quotes and line breaks inside; elsewhere they are letters") {
  const ReadLog read = parse_csv(
      "id,stage,at\n"
      "\"a,b\",Lead,2012-01-13\n"
      "\"say \"\"hi\"\"\",Lead,2012-01-13\n"
      "\"two\nlines\", \"Lead\" ,2012-01-13\n"
      "5\" pipe,Lead,2012-01-13\n"
      "\"a\"b,Lead,2012-01-13\n"
      "\"\"\"\",Lead,\"2012-01-13\"",
      plain_definition());
  CHECK(names_of(read.log) == std::vector<std::string>{"a,b", "say \"hi\"", "two\nlines", "5\" pipe", "ab", "\""});
  CHECK(read.report.rows_used() == 6);
}

TEST_CASE("a quote never closed is named with the row that opened it") {
  CHECK_THAT(input_error("id,stage,at\nD1,Lead,2012-01-13\nD2,\"Lead,2012-01-13\nD3,Lead,2012-01-13\n"),
             Contains("deals.csv, row 3: a quote opened in this row is never closed"));
  CHECK_THAT(input_error("id,\"stage,at\nD1,Lead,2012-01-13\n"), Contains("row 1: a quote opened in the header"));
}

TEST_CASE("blank lines are no rows but count in row numbers; lines of separators are rows") {
  const ReadLog read =
      parse_csv("\n  \nid,stage,at\n\nD1,Lead,2012-01-13\n \t \n,,\nD1,Nowhere,2012-01-14\n\n", plain_definition());
  CHECK(read.report.rows_read() == 3);
  CHECK(read.report.rows_used() == 1);
  CHECK(read.report.findings().at(DataRule::missing_id).first_rows == std::vector<std::uint64_t>{7});
  CHECK(read.report.findings().at(DataRule::unknown_stage).first_rows == std::vector<std::uint64_t>{8});
}

TEST_CASE("each defect sets its row aside under one rule, with row and example") {
  const ReadLog read = parse_csv(kHistoryHeader + R"(D1,Lead,2012-01-13,1,2012-02-01,Ann
D1,Lead,2012-01-13,1,2012-02-01
D1,Lead,2012-01-13,1,2012-02-01,Ann,more
,note,never,x,y,
,Lead,2012-01-13,1,,
D1,,2012-01-13,1,,
D1,Maybe,2012-01-13,1,,
D1,Lead,,1,,
D1,Lead,soon,1,,
D1,Lead,1969-12-31,1,,
D1,Lead,2100-01-01,1,,
D1,Lead,2012-01-13,1,2012-02-01,Bob
D1,Won,2012-01-14,1,,
D1,Offer,2012-01-15,1,,
D2,Lead,2012-01-13,50k,someday,
D3,Lost,2012-01-13,0,,
)"s,
                                 history_definition());
  const auto rows = [&](DataRule rule) { return read.report.findings().at(rule).first_rows; };
  using Rows = std::vector<std::uint64_t>;
  CHECK(rows(DataRule::wrong_column_count) == Rows{3, 4});
  CHECK(rows(DataRule::ignored_stage) == Rows{5});
  CHECK(rows(DataRule::missing_id) == Rows{6});
  CHECK(rows(DataRule::missing_stage) == Rows{7});
  CHECK(rows(DataRule::unknown_stage) == Rows{8});
  CHECK(rows(DataRule::missing_time) == Rows{9});
  CHECK(rows(DataRule::unreadable_time) == Rows{10});
  CHECK(rows(DataRule::time_out_of_range) == Rows{11, 12});
  CHECK(rows(DataRule::duplicate_row) == Rows{13});
  CHECK(rows(DataRule::after_terminal) == Rows{15});
  CHECK(rows(DataRule::unreadable_amount) == Rows{16});
  CHECK(rows(DataRule::unreadable_close_date) == Rows{16});
  CHECK(rows(DataRule::zero_amount_at_loss) == Rows{17});
  CHECK(read.report.findings().at(DataRule::unknown_stage).examples == std::vector<std::string>{"Maybe"});
  CHECK(read.report.findings().at(DataRule::unreadable_time).examples == std::vector<std::string>{"soon"});
  CHECK(read.report.rows_read() == 16);
  CHECK(read.report.rows_used() == 4);
  CHECK(read.report.adds_up());
}

TEST_CASE("strict reading stops at the first defect, ignored stages and notes are none") {
  const std::string good = kHistoryHeader + "D1,Note,2012-01-13,,,\nD1,Lead,2012-01-13,50k,,\n"s;
  const CsvOptions strict{.strict = true};
  CHECK(parse_csv(good, history_definition(), strict).report.rows_used() == 1);
  const auto [message, code] =
      complaint<InputError>(good + "D1,Lead,2012-01-13,50k,,\nD2,Maybe,2012-01-13,,,\n", history_definition(), strict);
  CHECK(code == ErrorCode::dirty_data);
  CHECK(message == "deals.csv, row 4: says what an earlier row has said (duplicate_row)");
  CHECK(complaint<InputError>(good + "D2,Maybe,2012-01-13,,,\n", history_definition(), strict).first ==
        "deals.csv, row 4: stage name is neither a stage, an alias nor ignored in the definition (unknown_stage: "
        "\"Maybe\")");
}

TEST_CASE("stage names match exactly, else without regard to case, blanks around them aside") {
  const ReadLog read = parse_csv(
      "id,stage,at\na, lead ,2012-01-13\nb,NEW LEAD,2012-01-13\nc,\" Closed Won\",2012-01-13\nd,NOTE,2012-01-13\n",
      plain_definition());
  CHECK(read.report.rows_used() == 3);
  CHECK(read.report.count(DataRule::ignored_stage) == 1);
}

TEST_CASE("column names match exactly, else without regard to case") {
  CHECK(parse_csv("ID, Stage ,AT\na,Lead,2012-01-13\n", plain_definition()).report.rows_used() == 1);
  // One exact among several that differ by case.
  CHECK(names_of(parse_csv("Id,id,stage,at\nx,a,Lead,2012-01-13\n", plain_definition()).log) ==
        std::vector<std::string>{"a"});
}

TEST_CASE("a missing column is named with what the file has") {
  CHECK_THAT(input_error("deal,stage,at\n"),
             Contains("no column \"id\" (the definition's columns.deal)") && Contains("\"deal\", \"stage\", \"at\""));
  CHECK_THAT(input_error("id,stage,at,AT2,stage\n"), Contains("2 columns are named \"stage\""));
  CHECK_THAT(input_error("id,stage,at\n", history_definition()), Contains("no column \"amount\""));
  // A repeated name nobody asks for does no harm.
  CHECK(parse_csv("id,stage,at,x,x\n", plain_definition()).log.deal_count() == 0);
}

TEST_CASE("a header alone is an empty log that knows its attributes") {
  const ReadLog read = parse_csv(kHistoryHeader, history_definition());
  CHECK(read.log.deal_count() == 0);
  CHECK(read.report.rows_read() == 0);
  CHECK(read.report.adds_up());
  CHECK(read.log.attribute("owner").values == std::vector<std::string>{""});
}

TEST_CASE("input that is no text, or none at all, is refused by its kind") {
  const std::string plain = "id,stage,at\nD1,Lead,2012-01-13\n";
  std::string little, big;
  for (const char c : plain) {
    little += c;
    little += '\0';
    big += '\0';
    big += c;
  }
  CHECK_THAT(input_error("\xff\xfe" + little), Contains("UTF-16 (little-endian)"));
  CHECK_THAT(input_error("\xfe\xff" + big), Contains("UTF-16 (big-endian)"));
  CHECK_THAT(input_error(little), Contains("UTF-16 (little-endian)") && Contains("UTF-8"));
  CHECK_THAT(input_error(big), Contains("UTF-16 (big-endian)"));
  CHECK_THAT(input_error("\xff\xfe\0\0"s + little), Contains("UTF-32"));
  CHECK_THAT(input_error(plain + "D2,\0,x\n"s), Contains("not text: byte 35 is NUL"));
  CHECK_THAT(input_error("PK\x03\x04 and so on"), Contains("ZIP archive"));
  CHECK_THAT(input_error(""), Contains("empty; a header row"));
  CHECK_THAT(input_error(" \r\n\n"), Contains("empty; a header row"));
  CHECK_THAT(input_error("\xef\xbb\xbf"), Contains("empty; a header row"));
}

TEST_CASE("a field that is not UTF-8 is read as Windows-1252 and noted; UTF-8 beside it stays") {
  const ReadLog read =
      parse_csv("id,stage,at\nM\xfcller \x80,Lead,2012-01-13\nM\xc3\xbcller,Lead,2012-01-13\nx\x81,Lead,2012-01-13\n",
                plain_definition());
  CHECK(names_of(read.log) == std::vector<std::string>{"Müller €", "Müller", "x\xef\xbf\xbd"});
  CHECK(read.report.count(DataRule::not_utf8) == 2);
  // Names in the header and currency signs, too.
  const ReadLog amounts =
      parse_csv("id;stage;at;betr\xe4ge;close;owner\na;Lead;2012-01-13;5 \x80;;\n",
                definition_of(R"("columns": {"deal": "id", "stage": "stage", "time": "at", "amount": "beträge"})"));
  CHECK(amounts.log.amounts()[0] == Money{500});
}

TEST_CASE("files: missing, directories and empty ones are one-line errors; good ones are read") {
  const auto folder = std::filesystem::temp_directory_path() / "putki_csv_reader_test";
  std::filesystem::create_directories(folder);
  const auto code_of = [&](const std::filesystem::path& file) {
    try {
      read_csv(file, plain_definition());
    } catch (const InputError& error) {
      CHECK_THAT(error.what(), Contains(file.string()));
      return error.code();
    }
    return ErrorCode::invalid_argument;
  };
  CHECK(code_of(folder / "missing.csv") == ErrorCode::io);
  CHECK(code_of(folder) == ErrorCode::io);
  std::ofstream(folder / "empty.csv").close();
  CHECK(code_of(folder / "empty.csv") == ErrorCode::format);
  std::ofstream(folder / "good.csv") << "id,stage,at\nD1,Lead,2012-01-13\n";
  CHECK(read_csv(folder / "good.csv", plain_definition()).log.deal_count() == 1);
  std::filesystem::remove_all(folder);
}

TEST_CASE("reading tells how far it is and stops when asked to") {
  std::string text = "id,stage,at\n";
  for (int i = 0; i < 400'000; ++i) text += "D" + std::to_string(i % 1000) + ",Lead,2012-01-13T08:15:30Z\n";
  std::vector<double> shares;
  parse_csv(text, plain_definition(), {.progress = [&](double share) {
              shares.push_back(share);
              return true;
            }});
  CHECK(shares.size() >= 3);
  CHECK(shares.back() == 1.0);
  CHECK(std::is_sorted(shares.begin(), shares.end()));
  CHECK_THROWS_AS(parse_csv(text, plain_definition(), {.progress = [](double share) { return share < 0.4; }}),
                  Cancelled);
}

TEST_CASE("a definition that lacks a column its shape needs is refused") {
  PipelineDefinition definition = plain_definition();
  definition.columns.time.clear();
  CHECK_THROWS_AS(parse_csv("id,stage,at\n", definition), DefinitionError);
}
