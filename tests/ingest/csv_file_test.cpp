// Files larger than the window they are read through.

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <thread>

#include "ingest/csv_support.hpp"

#include <sys/stat.h>
#include <unistd.h>

using namespace putki;
using namespace putki_test;
using namespace std::chrono;
using Catch::Matchers::Contains;

namespace {

class Folder {
 public:
  // One folder a process: ctest runs these cases side by side.
  Folder() : path_(std::filesystem::temp_directory_path() / ("putki_csv_file_test." + std::to_string(getpid()))) {
    std::filesystem::remove_all(path_);
    std::filesystem::create_directories(path_);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::filesystem::path file(const std::string& text) const {
    std::ofstream(path_ / "deals.csv", std::ios::binary) << text;
    return path_ / "deals.csv";
  }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// A few megabytes, every seventh id quoted with a line break inside.
std::string large_history(const std::string& first_time, const std::string& time) {
  std::string text = "\xef\xbb\xbfid,stage,at\r\n";
  for (int i = 0; i < 120'000; ++i) {
    const std::string id = "deal " + std::to_string(i);
    text += i % 7 == 0 ? "\"" + id + "\r\n\"\"quoted\"\"\"" : id;
    text += ",Lead," + (i < 2'000 ? first_time : time) + "\r\n";
  }
  return text;
}

bool same(const EventLog& a, const EventLog& b) {
  if (a.deal_count() != b.deal_count() || a.event_count() != b.event_count()) return false;
  for (std::size_t i = 0; i < a.event_count(); ++i) {
    if (a.times()[i] != b.times()[i] || a.stages()[i] != b.stages()[i]) return false;
  }
  for (std::size_t d = 0; d < a.deal_count(); ++d) {
    if (a.deal_name(static_cast<DealId>(d)) != b.deal_name(static_cast<DealId>(d))) return false;
  }
  return true;
}

}  // namespace

TEST_CASE("a file of many windows reads as the same text in memory") {
  const Folder folder;
  const std::string text = large_history("2012-01-13T08:15:30.123Z", "2012-01-14T08:15:30.123Z");
  REQUIRE(text.size() > (std::size_t{3} << 20));
  const ReadLog file = read_csv(folder.file(text), plain_definition());
  CHECK(file.report.rows_used() == 120'000);
  CHECK(file.log.deal_name(DealId{7}) == "deal 7\r\n\"quoted\"");
  const ReadLog memory = parse_csv(text, plain_definition());
  CHECK(file.report == memory.report);
  CHECK(same(file.log, memory.log));
}

TEST_CASE("a second pass begins again at the first row") {
  const Folder folder;
  // What the first rows suggest is not what the column says.
  const std::string text = large_history("2012-01-13", "14/01/2012");
  const ReadLog file = read_csv(folder.file(text), plain_definition());
  CHECK(file.report.count(DataRule::unreadable_time) == 2'000);
  CHECK(file.report.rows_used() == 118'000);
  CHECK(same(file.log, parse_csv(text, plain_definition()).log));
}

TEST_CASE("a record may be longer than the window, in the header and below") {
  const Folder folder;
  const std::string novel(std::size_t{3} << 20, 'x');
  const std::string text =
      "id,stage,at,\"" + novel + "\nmore\"\nD1,Lead,2012-01-13,\"a\n" + novel + "\"\nD2,Lead,2012-01-14,\n";
  const ReadLog read = read_csv(folder.file(text), plain_definition());
  CHECK(read.report.rows_used() == 2);
  CHECK(same(read.log, parse_csv(text, plain_definition()).log));
}

TEST_CASE("what is wrong far into a file is found and named") {
  const Folder folder;
  const auto complaint_about = [&](const std::string& text) -> std::string {
    try {
      read_csv(folder.file(text), plain_definition());
    } catch (const InputError& error) {
      return error.what();
    }
    return "nothing";
  };
  std::string text = large_history("2012-01-13", "2012-01-13");
  CHECK_THAT(complaint_about(text + "\"D,Lead,2012-01-13\n"),
             Contains("row 120002: a quote opened in this row is never closed"));
  const std::size_t middle = text.size() * 2 / 3;
  text[middle] = '\0';
  CHECK_THAT(complaint_about(text), Contains("byte " + std::to_string(middle + 1) + " is NUL"));
  text[middle] = '\xe9';
  const ReadLog read = read_csv(folder.file(text), plain_definition());
  CHECK(read.report.adds_up());
  CHECK(read.report.rows_read() == 120'000);
}

TEST_CASE("every way a window can end inside a record gives the same rows") {
  const Folder folder;
  // Moves all that follows by one byte at a time across the end of the first window.
  const std::string tail = "\"a \"\"b\"\"\",Lead,2012-01-13\r\n\r\n \"c\" ,Lead,2012-01-14\r\nd,Lead,2012-01-15";
  for (std::size_t shift = 0; shift < tail.size() + 4; ++shift) {
    std::string text = "id,stage,at\r\nfirst,Lead,2012-01-13\r\n";
    const std::string padding = ",Lead,2012-01-13\r\n";
    text += std::string((std::size_t{1} << 20) - text.size() - padding.size() - shift, 'p') + padding + tail;
    const ReadLog read = read_csv(folder.file(text), plain_definition());
    REQUIRE(read.report.rows_used() == 5);
    REQUIRE(read.log.deal_name(DealId{2}) == "a \"b\"");
    REQUIRE(read.log.deal_name(DealId{3}) == "c");
    REQUIRE(read.log.deal_name(DealId{4}) == "d");
  }
}

#if defined(__unix__)
TEST_CASE("a pipe is read to its end, in two passes where needed") {
  const Folder folder;
  const std::string text = large_history("2012-01-13", "14/01/2012");
  const auto pipe = folder.path() / "pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  std::thread writer([&] { std::ofstream(pipe, std::ios::binary) << text; });
  const ReadLog read = read_csv(pipe, plain_definition());
  writer.join();
  CHECK(read.report.rows_used() == 118'000);
  CHECK(same(read.log, parse_csv(text, plain_definition()).log));
}
#endif
