#pragma once
// DuckDB, loaded at run time through its C API, for questions asked of the same data in the same run.
//
// Nothing of it is needed to build: the few declarations here are those of its public documentation
// (https://duckdb.org/docs/stable/clients/c/api). The library comes as `libduckdb.so` in the release archives of DuckDB
// or in the npm package `@duckdb/node-bindings-linux-x64`.

#include <putki/events/event_log.hpp>

#include <memory>
#include <string>
#include <vector>

namespace putki::benchmarks {

class DuckDb {
 public:
  /// std::runtime_error when the file is no DuckDB library.
  explicit DuckDb(const std::string& library, int threads);
  ~DuckDb();
  DuckDb(const DuckDb&) = delete;
  DuckDb& operator=(const DuckDb&) = delete;

  std::string version() const;
  /// Fills a table `events (deal INTEGER, stage UTINYINT, time BIGINT)` in memory, time in microseconds, by deal and
  /// time as the log has them.
  void load(const EventLog& log);
  /// The rows of the answer as numbers (NaN for null): exact for integers below 2^53. std::runtime_error with DuckDB's
  /// own words when it refuses.
  std::vector<std::vector<double>> query(const std::string& sql);

 private:
  struct Library;
  std::unique_ptr<Library> library_;
};

}  // namespace putki::benchmarks
