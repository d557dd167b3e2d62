#include <putki/ingest/pipeline_definition.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>

using namespace putki;
using Catch::Matchers::Contains;
using Catch::Matchers::Equals;
using Catch::Matchers::StartsWith;

namespace {

const std::string kStages =
    R"("stages": [{"name": "Lead"}, {"name": "Offer", "aliases": ["Quote", "QUOTE"]},
                  {"name": "Won", "kind": "won", "aliases": ["Closed Won"]}, {"name": "Lost", "kind": "lost"}])";
const std::string kColumns = R"("columns": {"deal": "id", "stage": "stage", "time": "at"})";

// A definition of those stages and columns with other members besides.
std::string with(const std::string& members) {
  return "{" + kStages + ", " + kColumns + (members.empty() ? "" : ", ") + members + "}";
}
std::string with_stages(const std::string& stages) {
  return R"({"stages": )" + stages + ", " + kColumns + "}";
}
std::string with_columns(const std::string& columns, const std::string& shape) {
  return "{" + kStages + R"(, "shape": ")" + shape + R"(", "columns": )" + columns + "}";
}

// What is said about a definition that is refused: one line, not long, free of control characters.
std::string complaint(const std::string& json) {
  try {
    parse_pipeline_definition(json, "p.json");
  } catch (const DefinitionError& error) {
    const std::string text = error.what();
    CHECK_THAT(text, StartsWith("p.json: "));
    CHECK(text.size() < 500);
    CHECK(std::none_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }));
    CHECK(text.find("json.exception") == text.npos);
    return text;
  }
  return "accepted";
}

}  // namespace

TEST_CASE("a definition gives stages, raw names, columns and formats as written") {
  const PipelineDefinition d = parse_pipeline_definition(R"({
    "name": "Personal loans",
    "time_zone": "+02:00",
    "stages": [
      {"name": "Submitted", "kind": "open", "aliases": ["A_SUBMITTED", " A_PARTLY "]},
      {"name": "Waiting", "kind": "on_hold"},
      {"name": "Won", "kind": "won", "aliases": ["A_APPROVED"]},
      {"name": "Declined", "kind": "lost"}
    ],
    "moves": [["Submitted", "Waiting"], ["Waiting", "Submitted"], ["Submitted", "Won"], ["Submitted", "Declined"]],
    "entries": ["Submitted"],
    "ignore": ["O_SELECTED"],
    "shape": "history",
    "columns": {"deal": "case", "stage": "stage", "time": "at", "amount": "EUR", "expected_close": "close",
                "attributes": ["owner", "region"]},
    "formats": {"time": "dmy", "decimal": ",", "thousands": ".", "separator": "tab"},
    "reopened": "keep"
  })");
  CHECK(d.name == "Personal loans");
  CHECK(d.time_zone == TimeZone::parse("+02:00"));
  CHECK(d.graph == StageGraph::Builder()
                       .stage("Submitted")
                       .stage("Waiting", StageKind::on_hold)
                       .stage("Won", StageKind::won)
                       .stage("Declined", StageKind::lost)
                       .move("Submitted", "Waiting")
                       .move("Waiting", "Submitted")
                       .move("Submitted", "Won")
                       .move("Submitted", "Declined")
                       .entry("Submitted")
                       .build());
  CHECK(d.aliases == std::unordered_map<std::string, StageId>{{"Submitted", StageId{0}},
                                                              {"A_SUBMITTED", StageId{0}},
                                                              {"A_PARTLY", StageId{0}},
                                                              {"Waiting", StageId{1}},
                                                              {"Won", StageId{2}},
                                                              {"A_APPROVED", StageId{2}},
                                                              {"Declined", StageId{3}}});
  CHECK(d.ignored == std::vector<std::string>{"O_SELECTED"});
  CHECK(d.columns.deal == "case");
  CHECK(d.columns.amount == "EUR");
  CHECK(d.columns.expected_close == "close");
  CHECK(d.columns.attributes == std::vector<std::string>{"owner", "region"});
  CHECK(d.formats == ReadFormats{TimeFormat::day_month_year, ',', '.', '\t'});
  CHECK(d.reopened == ReopenPolicy::keep);
}

TEST_CASE("what a definition leaves out has the stated default") {
  const PipelineDefinition d = parse_pipeline_definition(with(""));
  CHECK(d.name.empty());
  CHECK(d.time_zone == TimeZone());
  CHECK_FALSE(d.graph.declares_moves());
  CHECK(d.graph.kind(StageId{0}) == StageKind::open);
  CHECK(d.ignored.empty());
  CHECK(d.shape == ExportShape::history);
  CHECK(d.formats == ReadFormats{});
  CHECK(d.reopened == ReopenPolicy::ignore);
  CHECK(parse_pipeline_definition(with(R"("moves": [], "entries": [], "ignore": [], "name": "", "formats": {})")) == d);
  CHECK(parse_pipeline_definition("\xef\xbb\xbf" + with("")) == d);
}

TEST_CASE("no-break spaces are a thousands mark like the blank, and a tab may be written as itself") {
  const auto formats = [](const std::string& members) {
    return parse_pipeline_definition(with(R"("formats": {)" + members + "}")).formats;
  };
  CHECK(formats(R"("thousands": " ")").thousands == ' ');
  CHECK(formats("\"thousands\": \"\u00a0\"").thousands == ' ');
  CHECK(formats(R"("thousands": "\u202f")").thousands == ' ');
  CHECK(formats(R"("separator": "\t")").separator == '\t');
  CHECK(formats(R"("separator": "|")").separator == '|');
}

TEST_CASE("each shape has its columns") {
  CHECK(parse_pipeline_definition(with_columns(R"({"deal": "id", "stage": "s", "created": "c"})", "deals"))
            .columns.created == "c");
  CHECK(
      parse_pipeline_definition(with_columns(R"({"deal": "id", "stage": "s", "created": "c", "closed": "d"})", "deals"))
          .columns.closed == "d");
  CHECK(parse_pipeline_definition(
            with_columns(R"({"deal": "id", "stage_dates": {"Lead": "l", "Won": "w"}})", "stage_dates"))
            .columns.stage_dates == std::map<std::string, std::string>{{"Lead", "l"}, {"Won", "w"}});

  CHECK_THAT(complaint(with_columns("{}", "history")), Equals("p.json: columns has no \"deal\"; it is required"));
  CHECK_THAT(complaint(with_columns(R"({"deal": "a", "stage": "b"})", "history")), Contains("has no \"time\""));
  CHECK_THAT(complaint(with_columns(R"({"deal": "a", "stage": "b"})", "deals")), Contains("has no \"created\""));
  CHECK_THAT(complaint(with_columns(R"({"deal": "a"})", "stage_dates")), Contains("has no \"stage_dates\""));
  CHECK_THAT(complaint(with_columns(R"({"deal": "a", "stage_dates": {}})", "stage_dates")),
             Contains("columns.stage_dates is empty"));
  CHECK_THAT(complaint(with_columns(R"({"deal": "a", "stage_dates": {"Laed": "x"}})", "stage_dates")),
             Contains("\"Laed\" is no stage; did you mean \"Lead\"?"));
  CHECK_THAT(complaint(with_columns(R"({"deal": "a", "stage_dates": {"Lead": "x", "Won": "x"}})", "stage_dates")),
             Contains("columns.stage_dates.Won is \"x\", which is the column of stage_dates, too"));
  CHECK_THAT(complaint(with_columns(R"({"deal": "a", "stage": "b", "time": "c", "closed": "d"})", "history")),
             Contains("has the key \"closed\"; allowed in shape history are"));
  CHECK_THAT(complaint(with_columns(R"({"deal": "a", "stage": "a", "time": "c"})", "history")),
             Contains("columns.stage is \"a\", which is the column of deal, too"));
  CHECK_THAT(complaint(with_columns(R"({"deal": " ", "stage": "a", "time": "c"})", "history")),
             Contains("columns.deal is empty"));
  CHECK_THAT(complaint(with_columns(R"({"deal": 1, "stage": "a", "time": "c"})", "history")),
             Contains("columns.deal is the number 1; a text in double quotes is needed"));
  CHECK_THAT(complaint(with_columns("{}", "wide")),
             Contains("shape is \"wide\"; allowed are \"history\", \"deals\", \"stage_dates\""));
}

TEST_CASE("a misspelt or repeated key is refused with its place, the allowed ones and the nearest") {
  CHECK_THAT(complaint(with(R"("ingore": [])")),
             Contains("the definition has the key \"ingore\"; allowed are \"name\", \"time_zone\"") &&
                 Contains("did you mean \"ignore\"?"));
  CHECK_THAT(complaint(with_stages(R"([{"name": "A"}, {"name": "B", "knid": "won"}])")),
             Equals("p.json: stages[1] has the key \"knid\"; allowed are \"name\", \"kind\", \"aliases\"; did you mean "
                    "\"kind\"?"));
  CHECK_THAT(complaint(with(R"("formats": {"Decimal": ","})")), Contains("did you mean \"decimal\"?"));
  CHECK_THAT(complaint(with(R"("name": "a", "name": "b")")),
             Equals("p.json: the definition has the key \"name\" twice; each may be given once"));
  CHECK_THAT(complaint(with_stages(R"([{"name": "A"}, {"name": "B", "name": "C"}])")),
             Contains("stages[1] has the key \"name\" twice"));
  CHECK_THAT(complaint(with_columns(R"({"deal": "a", "deal": "b"})", "history")),
             Contains("columns has the key \"deal\" twice"));
}

TEST_CASE("every raw name means one stage, or is ignored, without regard to case") {
  CHECK_THAT(complaint(with_stages(R"([{"name": "A"}, {"name": "W", "kind": "won"}, {"name": "A"}])")),
             Equals("p.json: stages[2].name \"A\" is the name of stages[0], too; names must differ by more than case"));
  CHECK_THAT(complaint(with_stages(R"([{"name": "Won", "kind": "won"}, {"name": "WON"}])")),
             Contains("stages[1].name \"WON\" is the name of stages[0]"));
  CHECK_THAT(
      complaint(with_stages(R"([{"name": "A", "aliases": ["x"]}, {"name": "W", "kind": "won", "aliases": ["X"]}])")),
      Contains("stages[1].aliases[0] \"X\" is an alias of stage \"A\", too; a raw name can mean one stage only"));
  CHECK_THAT(complaint(with_stages(R"([{"name": "A", "aliases": ["W"]}, {"name": "W", "kind": "won"}])")),
             Contains("stages[0].aliases[0] \"W\" is the name of stages[1], too"));
  CHECK_THAT(complaint(with(R"("ignore": ["quote"])")),
             Contains("ignore[0] \"quote\" is an alias of stage \"Offer\", too; it cannot be ignored"));
  CHECK_THAT(complaint(with(R"("ignore": ["LEAD"])")), Contains("the name of stages[0]"));
  CHECK(complaint(with(R"("ignore": ["x", "X", "x"])")) == "accepted");
}

TEST_CASE("moves and entries name stages") {
  CHECK_THAT(complaint(with(R"("moves": [["Lead", "Ofer"]])")),
             Equals("p.json: moves[0][1] \"Ofer\" is no stage; did you mean \"Offer\"?"));
  CHECK_THAT(complaint(with(R"("moves": [["Lead", "Quote"]])")), Contains("did you mean \"Offer\"?"));
  CHECK_THAT(complaint(with(R"("moves": [["Lead"]])")), Contains("moves[0] is an array of 1; a move is a pair"));
  CHECK_THAT(complaint(with(R"("moves": ["Lead", "Offer"])")), Contains("moves[0] is \"Lead\"; an array is needed"));
  CHECK_THAT(complaint(with(R"("entries": "Lead")")), Contains("entries is \"Lead\"; an array is needed"));
  CHECK_THAT(complaint(with(R"("entries": [null])")), Contains("entries[0] is null"));
}

TEST_CASE("rubbish is refused in one clear line") {
  CHECK_THAT(complaint(""), Equals("p.json: is empty; a JSON object with \"stages\" and \"columns\" is needed"));
  CHECK_THAT(complaint("\xef\xbb\xbf \r\n"), Contains("is empty"));
  CHECK_THAT(complaint("[]"), Equals("p.json: the definition is an array; an object is needed"));
  CHECK_THAT(complaint("12"), Contains("the definition is the number 12; an object is needed"));
  CHECK_THAT(complaint("{}"), Equals("p.json: the definition has no \"stages\"; it is required"));
  CHECK_THAT(complaint("{" + kStages + "}"), Contains("has no \"columns\""));
  CHECK_THAT(complaint(std::string("\xff\xfe{\0", 4)), Contains("UTF-16"));
  CHECK_THAT(complaint(std::string("{\0\"\0", 4)), Contains("UTF-16 or binary"));
  CHECK_THAT(complaint(with_stages("[]")), Contains("stages is empty"));
  CHECK_THAT(complaint(with_stages(R"({"Lead": "open"})")), Contains("stages is an object; an array is needed"));
  CHECK_THAT(complaint(with_stages(R"(["Lead"])")), Contains("stages[0] is \"Lead\"; an object is needed"));
  CHECK_THAT(complaint(with_stages(R"([{"kind": "won"}])")), Contains("stages[0] has no \"name\""));
  CHECK_THAT(complaint(with_stages(R"([{"name": 7}])")), Contains("stages[0].name is the number 7; a text"));
  CHECK_THAT(complaint(with_stages(R"([{"name": ""}])")), Contains("stages[0].name \"\" is empty"));
  CHECK_THAT(complaint(with_stages(R"([{"name": "a\nb"}])")), Contains("\"a\\x0ab\" has a control character"));
  CHECK_THAT(complaint(with_stages(R"([{"name": "a\u202eb"}])")), Contains("control character"));
  CHECK_THAT(complaint(with_stages(R"([{"name": ")" + std::string(10'000, 'n') + R"("}])")),
             Contains("has 10000 bytes; at most 1000"));
  CHECK_THAT(complaint(with_stages(R"([{"name": "A"}, {"name": "B", "kind": "lost"}])")),
             Equals("p.json: stages has no stage of kind \"won\"; without one no deal can ever be won"));
  CHECK_THAT(complaint(with_stages(R"([{"name": "A", "kind": "Won"}])")),
             Contains("stages[0].kind is \"Won\"; allowed are \"open\", \"on_hold\", \"won\", \"lost\"; did you mean"));
  CHECK_THAT(complaint(with_stages(R"([{"name": "A", "kind": "won", "aliases": "B"}])")),
             Contains("stages[0].aliases is \"B\"; an array is needed"));
  CHECK_THAT(complaint(with(R"("time_zone": "Europe/Amsterdam")")),
             StartsWith("p.json: time_zone: ") && Contains("Europe/Amsterdam"));
  CHECK_THAT(complaint(with(R"("time_zone": "")")), Equals("p.json: time_zone \"\" is empty; a text is needed"));
  CHECK_THAT(complaint(with(R"("time_zone": 1)")), Contains("time_zone is the number 1"));
  CHECK_THAT(complaint(with(R"("time_zone": "U\nTC")")), Contains("control character"));
  CHECK_THAT(complaint(with(R"("name": "a\u0000b")")), Contains("control character"));
  CHECK_THAT(complaint(with(R"("formats": {"time": "ymd"})")),
             Contains("formats.time is \"ymd\"; allowed are \"auto\""));
  CHECK_THAT(complaint(with(R"("formats": {"decimal": ";"})")), Contains("formats.decimal"));
  CHECK_THAT(complaint(with(R"("formats": {"thousands": "."})")), Contains("cannot be the decimal mark"));
  CHECK_THAT(complaint(with(R"("formats": {"separator": "::"})")), Contains("formats.separator"));
  CHECK_THAT(complaint(with(R"("formats": [])")), Contains("formats is an array; an object is needed"));
  CHECK_THAT(complaint(with(R"("reopened": true)")), Contains("reopened is true"));
  CHECK_THAT(complaint(with("\"a\\nb\xc3\xa9\": 1")), Contains("has the key \"a\\x0ab\u00e9\""));
}

TEST_CASE("broken JSON is refused with line and column, in plain words") {
  CHECK_THAT(complaint("{\n  \"name\": \"x\"\n  \"stages\": []\n}"),
             StartsWith("p.json: line 3, column ") && Contains("a comma or '}' is expected"));
  CHECK_THAT(complaint("{\"a\": 1,}"), Contains("line 1, column 9") && Contains("a key in double quotes is expected"));
  CHECK_THAT(complaint("{\"a\": Won}"), Contains("line 1, column 7") && Contains("texts need double quotes"));
  CHECK_THAT(complaint("{\"a\" 1}"), Contains("a colon is expected"));
  CHECK_THAT(complaint("{\"a\": [1"), Contains("the text ends too early"));
  CHECK_THAT(complaint("{\"a\": \"x"), Contains("line 1") && Contains("the closing quote is missing"));
  CHECK_THAT(complaint("{\"a\": \"x\ny\"}"), Contains("line 1, column 9") && Contains("the line ends inside a text"));
  CHECK_THAT(complaint("{} {}"), Contains("line 1, column 4") && Contains("nothing may follow"));
  CHECK_THAT(complaint("{\"\xc3\xa9\xc3\xa9\": Won}"), Contains("line 1, column 8"));
  CHECK_THAT(complaint("{\"a\": \"\xfc\"}"), Contains("UTF-8"));
  CHECK_THAT(complaint("{\"a\": 1e999}"), Contains("line 1, column 11: a number is out of range"));
  CHECK_THAT(complaint("{\"a\": tru"), Contains("line 1"));
}

TEST_CASE("deep nesting and huge input are refused, and the largest graph is read") {
  CHECK_THAT(complaint(std::string(1'000'000, '[')), Contains("nested deeper than 8 levels"));
  std::string objects;
  for (int i = 0; i < 100'000; ++i) objects += "{\"a\":";
  CHECK_THAT(complaint(objects), Contains("a.a.a.a.a.a.a.a is nested deeper than 8 levels"));
  CHECK_THAT(complaint(std::string(16'000'001, ' ')), Contains("at most 16 million"));

  std::string many = "{\"moves\": [{}";
  for (int i = 0; i < 1'000'000; ++i) many += ", {}";
  CHECK_THAT(complaint(many + "]}"), Contains("has no \"stages\""));

  std::string stages = R"([{"name": "Won", "kind": "won"})";
  for (int i = 1; i < 65'534; ++i) stages += ", {\"name\": \"S" + std::to_string(i) + "\"}";
  CHECK(parse_pipeline_definition(with_stages(stages + "]")).graph.stage_count() == 65'534);
  CHECK_THAT(complaint(with_stages(stages + R"(, {"name": "one more"}])")), Contains("at most 65534"));
}

TEST_CASE("a definition survives being written and read again") {
  const auto survives = [](const PipelineDefinition& d) {
    const std::string text = to_json(d);
    const PipelineDefinition again = parse_pipeline_definition(text);
    CHECK(again == d);
    CHECK(to_json(again) == text);
  };
  survives(parse_pipeline_definition(with("")));
  survives(parse_pipeline_definition(
      with(R"("name": "N \"q\" \u00e9", "time_zone": "CET-1CEST,M3.5.0,M10.5.0/3", "entries": ["Offer"],
              "moves": [["Lead", "Offer"], ["Offer", "Offer"], ["Offer", "Won"]], "ignore": ["z", "a"],
              "formats": {"time": "epoch_ms", "decimal": ",", "thousands": "'", "separator": "tab"},
              "reopened": "keep")")));
  survives(parse_pipeline_definition(with(R"("moves": [["Lead", "Lead"]])")));
  survives(parse_pipeline_definition(with_columns(
      R"({"deal": "id", "stage": "s", "created": "c", "closed": "d", "amount": "a", "attributes": ["o"]})", "deals")));
  survives(parse_pipeline_definition(with_columns(
      R"({"deal": "id", "stage_dates": {"Lead": "l", "Won": "w"}, "expected_close": "e"})", "stage_dates")));
}

TEST_CASE("a definition built in code is written with all its stages' names, or refused like a file") {
  PipelineDefinition d{.name = "In code", .graph = StageGraph::b2b_template()};
  CHECK_THROWS_WITH(to_json(d), "definition: columns has no \"deal\"; it is required");
  d.columns.deal = "id";
  d.columns.stage = "stage";
  d.columns.time = "at";
  d.aliases = {{"Closed Won", *d.graph.find("Won")}};
  const PipelineDefinition again = parse_pipeline_definition(to_json(d));
  CHECK(again.graph == d.graph);
  CHECK(again.aliases.size() == d.graph.stage_count() + 1);
  CHECK(again.aliases.at("Closed Won") == *d.graph.find("Won"));

  d.columns.closed = "closed";
  CHECK_THROWS_WITH(to_json(d), Contains("has the key \"closed\""));
  d.columns.closed = {};
  d.formats.separator = '^';
  CHECK_THROWS_WITH(to_json(d), Contains("formats.separator is \"^\""));
  d.formats.separator = '\xff';
  CHECK_THROWS_AS(to_json(d), DefinitionError);
  d.formats.separator = '\0';
  d.aliases["prospecting"] = *d.graph.find("Lost");
  CHECK_THROWS_WITH(to_json(d), Contains("\"prospecting\" is the name of stages[0]"));
  d.aliases = {{"x", StageId{99}}};
  CHECK_THROWS_AS(to_json(d), Error);
}

TEST_CASE("a definition file is read, and one that cannot be read says why") {
  const std::filesystem::path file = std::filesystem::temp_directory_path() / "putki_definition_test.json";
  std::ofstream(file) << with(R"("name": "from a file")");
  CHECK(read_pipeline_definition(file).name == "from a file");
  std::ofstream(file) << "{";
  CHECK_THROWS_WITH(read_pipeline_definition(file), StartsWith(file.string() + ": line 1, column "));
  std::filesystem::remove(file);
  const auto code = [](const std::filesystem::path& path) {
    try {
      read_pipeline_definition(path);
    } catch (const InputError& error) {
      return error.code();
    }
    return ErrorCode::invalid_argument;
  };
  CHECK(code(file) == ErrorCode::io);
  CHECK(code(std::filesystem::temp_directory_path()) == ErrorCode::io);
}

TEST_CASE("whatever is done to the bytes of a definition, it is read or refused in one line") {
  const std::string original = with(
      R"("name": "N", "moves": [["Lead", "Offer"], ["Offer", "Won"]], "entries": ["Lead"], "ignore": ["x"],
         "formats": {"time": "auto", "decimal": ",", "thousands": ".", "separator": ";"}, "time_zone": "UTC")");
  REQUIRE(complaint(original) == "accepted");
  std::mt19937 random(1);
  constexpr std::string_view kBytes = "{}[]\",:\\\n \t09aZ-.eu\xc3\xa9\xff";
  for (int round = 0; round < 3000; ++round) {
    std::string text = original;
    for (std::size_t changes = 1 + random() % 3; changes > 0; --changes) {
      const std::size_t at = random() % text.size();
      switch (random() % 4) {
        case 0:
          text[at] = kBytes[random() % kBytes.size()];
          break;
        case 1:
          text.erase(at, 1 + random() % 8);
          break;
        case 2:
          text.insert(at, text.substr(random() % text.size(), random() % 12));
          break;
        default:
          text.resize(at + 1);
      }
    }
    CAPTURE(text);
    complaint(text);
  }
}

TEST_CASE("both definitions of the bundled loan pipeline are sound and know every raw name of the log") {
  const std::filesystem::path data = std::filesystem::path(PUTKI_SOURCE_DIR) / "examples" / "data";
  for (const bool offers : {false, true}) {
    const PipelineDefinition d =
        read_pipeline_definition(data / (offers ? "bpic2012_offers.json" : "bpic2012_applications.json"));
    CHECK(d.graph.stage_count() == (offers ? 10 : 8));
    CHECK(d.graph.check().empty());
    CHECK(d.graph.stages_of(StageKind::lost).size() == 2);
    for (const char* raw : {"A_APPROVED", "A_REGISTERED", "A_ACTIVATED"})
      CHECK(d.aliases.at(raw) == *d.graph.find("Won"));
    for (const char* raw : {"A_SUBMITTED", "A_PARTLYSUBMITTED", "A_PREACCEPTED", "A_ACCEPTED", "A_FINALIZED",
                            "A_APPROVED", "A_REGISTERED", "A_ACTIVATED", "A_DECLINED", "A_CANCELLED", "O_SELECTED",
                            "O_CREATED", "O_SENT", "O_SENT_BACK", "O_ACCEPTED", "O_CANCELLED", "O_DECLINED"}) {
      const auto ignored = std::count(d.ignored.begin(), d.ignored.end(), raw);
      CHECK(ignored + static_cast<std::ptrdiff_t>(d.aliases.count(raw)) == 1);
    }
    CHECK(d.ignored.size() == (offers ? 5 : 7));
  }
}
