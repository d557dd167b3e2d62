// Catch2 assertions are not for several threads: bodies record, the test's own thread asserts.

#include <putki/core/parallel.hpp>
#include <putki/core/random.hpp>

#include <catch2/catch.hpp>

#include <atomic>
#include <chrono>
#include <cmath>
#include <numeric>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace putki;

namespace {

constexpr unsigned kThreadCounts[] = {0, 1, 2, 3, 8, 100'000};

std::string error_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const std::exception& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace

TEST_CASE("every index runs exactly once, whatever the threads") {
  for (const unsigned threads : kThreadCounts) {
    for (const std::size_t count : {0, 1, 2, 7, 1000}) {
      CAPTURE(threads, count);
      std::vector<int> runs(count, 0);
      parallel_for(
          count, [&](std::size_t i) { ++runs[i]; }, threads);
      REQUIRE(runs == std::vector<int>(count, 1));
    }
  }
}

TEST_CASE("results do not depend on the number of threads, to the bit") {
  const auto simulate = [](unsigned threads) {
    std::vector<double> sums(200);
    parallel_for(
        sums.size(),
        [&](std::size_t i) {
          RandomStream stream(42, i);
          for (int n = 0; n < 200; ++n) sums[i] += stream.gamma(0.5 + stream.uniform());
        },
        threads);
    return std::accumulate(sums.begin(), sums.end(), 0.0);
  };
  const double alone = simulate(1);
  for (const unsigned threads : kThreadCounts) CHECK(simulate(threads) == alone);
}

TEST_CASE("one thread runs in order on the caller's") {
  std::vector<std::size_t> order;
  std::set<std::thread::id> ids;
  parallel_for(
      50,
      [&](std::size_t i) {
        order.push_back(i);
        ids.insert(std::this_thread::get_id());
      },
      1);
  std::vector<std::size_t> expected(50);
  std::iota(expected.begin(), expected.end(), std::size_t{0});
  CHECK(order == expected);
  CHECK(ids == std::set<std::thread::id>{std::this_thread::get_id()});
}

TEST_CASE("several threads do run at once") {
  // Each of the two bodies waits for the other to start; in turn they would wait in vain.
  std::atomic<int> started{0};
  std::atomic<int> met{0};
  parallel_for(
      2,
      [&](std::size_t) {
        ++started;
        const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        while (started < 2 && std::chrono::steady_clock::now() < give_up) std::this_thread::yield();
        if (started == 2) ++met;
      },
      2);
  CHECK(met == 2);
}

TEST_CASE("the exception of the smallest index that throws comes out, whatever the threads") {
  for (const unsigned threads : kThreadCounts) {
    for (int round = 0; round < (threads > 8 ? 2 : 50); ++round) {
      CAPTURE(threads, round);
      std::atomic<int> running{0};
      const std::string message = error_of([&] {
        parallel_for(
            500,
            [&](std::size_t i) {
              ++running;
              if (i >= 37 && i % 2 == 1) {
                --running;
                throw std::runtime_error("index " + std::to_string(i));
              }
              if (i == 36) std::this_thread::yield();
              --running;
            },
            threads);
      });
      REQUIRE(message == "index 37");
      REQUIRE(running == 0);
    }
  }
}

TEST_CASE("after an exception no further index is taken") {
  std::atomic<int> runs{0};
  CHECK_THROWS_AS(parallel_for(
                      1'000'000,
                      [&](std::size_t) {
                        ++runs;
                        throw std::logic_error("at once");
                      },
                      4),
                  std::logic_error);
  CHECK(runs <= 4);
}

TEST_CASE("progress rises to 1 on the caller's thread, a thousand times at most") {
  for (const unsigned threads : kThreadCounts) {
    for (const std::size_t count : {1, 3, 5000}) {
      CAPTURE(threads, count);
      std::vector<double> shares;
      bool own_thread = true;
      const auto caller = std::this_thread::get_id();
      parallel_for(
          count, [](std::size_t) {}, threads,
          [&](double share) {
            own_thread = own_thread && std::this_thread::get_id() == caller;
            shares.push_back(share);
            return true;
          });
      REQUIRE(own_thread);
      REQUIRE(!shares.empty());
      REQUIRE(shares.size() <= 1001);
      REQUIRE(std::is_sorted(shares.begin(), shares.end()));
      REQUIRE(shares.front() > 0.0);
      REQUIRE(shares.back() == 1.0);
    }
  }
  bool reported = false;
  parallel_for(
      0, [](std::size_t) {}, 2, [&](double) { return reported = true; });
  CHECK_FALSE(reported);
}

TEST_CASE("progress can stop the loop") {
  // With hundreds of threads on a busy machine the caller, who alone reports, may come too late to stop anything.
  for (const unsigned threads : {0U, 1U, 2U, 3U, 8U}) {
    CAPTURE(threads);
    const auto caller = std::this_thread::get_id();
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    std::atomic<bool> asked_to_stop{false};
    std::atomic<int> runs{0};
    // The others wait for the caller, who would get no turn on a busy machine and so could not report. What he said
    // takes a moment to be heard, in which they may go on: slowly, so that the loop cannot end before.
    const auto body = [&](std::size_t) {
      ++runs;
      if (std::this_thread::get_id() == caller) return;
      while (!asked_to_stop && std::chrono::steady_clock::now() < give_up) std::this_thread::yield();
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    };
    const auto stop_soon = [&](double share) {
      asked_to_stop = share > 0.002;
      return !asked_to_stop;
    };
    CHECK_THROWS_AS(parallel_for(100'000, body, threads, stop_soon), Cancelled);
    CHECK(runs < 100'000);
  }
}

TEST_CASE("what progress throws comes out") {
  for (const unsigned threads : kThreadCounts) {
    CHECK(error_of([&] {
            parallel_for(
                1000, [](std::size_t) {}, threads, [](double) -> bool { throw std::runtime_error("window closed"); });
          }) == "window closed");
  }
}

TEST_CASE("loops inside bodies end") {
  std::vector<std::vector<int>> runs(8, std::vector<int>(8, 0));
  parallel_for(
      8,
      [&](std::size_t i) {
        parallel_for(
            8, [&](std::size_t j) { ++runs[i][j]; }, 4);
      },
      4);
  CHECK(runs == std::vector<std::vector<int>>(8, std::vector<int>(8, 1)));
}

TEST_CASE("loops of several callers do not mix") {
  std::vector<std::vector<int>> runs(4, std::vector<int>(300, 0));
  std::vector<std::thread> callers;
  for (auto& row : runs) {
    callers.emplace_back([&row] {
      parallel_for(
          row.size(), [&](std::size_t i) { ++row[i]; }, 3);
    });
  }
  for (std::thread& caller : callers) caller.join();
  CHECK(runs == std::vector<std::vector<int>>(4, std::vector<int>(300, 1)));
}
