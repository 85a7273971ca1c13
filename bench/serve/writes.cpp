#include "serve/writes.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/descriptor.h"
#include "base/file.h"
#include "base/hex.h"
#include "base/sha256.h"

namespace sightline::bench {
namespace {

using Ticks = std::chrono::steady_clock;
constexpr int kConnections[] = {1, 8, 64};
constexpr std::size_t kBody = 256;
constexpr std::size_t kObject = 1024;

double milliseconds(Ticks::duration time) {
  return std::chrono::duration<double, std::milli>(time).count();
}

/// The middle one of many, each after a page was appended.
Result<double> fsync_ms(const std::filesystem::path& folder) {
  const auto path = folder / "fsync";
  const Descriptor file(::open(path.c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600));
  if (file.get() < 0) return std::unexpected(system_error("make", path, errno));
  const std::string page(4096, 'x');
  std::vector<double> times;
  for (int i = 0; i < 300; ++i) {
    if (::write(file.get(), page.data(), page.size()) < 0)
      return std::unexpected(system_error("write", path, errno));
    const auto begin = Ticks::now();
    if (::fsync(file.get()) != 0) return std::unexpected(system_error("write", path, errno));
    times.push_back(milliseconds(Ticks::now() - begin));
  }
  std::filesystem::remove(path);
  std::ranges::sort(times);
  return times[times.size() / 2];
}

/// Commits of so many rows each, by one thread without a server, in a table like that of the messages; rows a
/// second.
double rows_per_second(const std::filesystem::path& folder, int rows, std::chrono::seconds length) {
  const auto path = folder / fmt::format("bare{}.db", rows);
  sqlite3* database = nullptr;
  sqlite3_open(path.c_str(), &database);
  const auto run = [&](const char* sql) { sqlite3_exec(database, sql, nullptr, nullptr, nullptr); };
  run("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
      "CREATE TABLE messages (queue INTEGER NOT NULL, id INTEGER NOT NULL, body TEXT NOT NULL, visible "
      "INTEGER "
      "NOT NULL, PRIMARY KEY (queue, id));"
      "CREATE INDEX messages_by_visible ON messages (queue, visible);");
  sqlite3_stmt* insert = nullptr;
  sqlite3_prepare_v2(database, "INSERT INTO messages VALUES (1, ?1, ?2, ?3)", -1, &insert, nullptr);
  const std::string body(kBody, 'x');
  std::int64_t n = 0;
  const auto begin = Ticks::now();
  while (Ticks::now() - begin < length) {
    run("BEGIN IMMEDIATE");
    for (int i = 0; i < rows; ++i) {
      sqlite3_bind_int64(insert, 1, std::rand());
      sqlite3_bind_text(insert, 2, body.data(), static_cast<int>(body.size()), SQLITE_STATIC);
      sqlite3_bind_int64(insert, 3, ++n);
      sqlite3_step(insert);
      sqlite3_reset(insert);
    }
    run("COMMIT");
  }
  const double seconds = milliseconds(Ticks::now() - begin) / 1000;
  sqlite3_finalize(insert);
  sqlite3_close(database);
  return static_cast<double>(n) / seconds;
}

std::string queue_request(const Target& target, const Key& key, std::string_view operation,
                          std::string_view body) {
  return signed_request(target, key, "sqs",
                        {{"content-type", "application/x-amz-json-1.0"},
                         {"x-amz-target", fmt::format("AmazonSQS.{}", operation)}},
                        body);
}

std::string put_request(const Target& target, const Key& key, const std::string& path,
                        std::string_view content) {
  const auto digest = sha256_hex({reinterpret_cast<const std::uint8_t*>(content.data()), content.size()});
  return signed_request(target, key, "s3", {{"x-amz-content-sha256", digest}}, content, {"PUT", path});
}

struct Counts {
  double writes = 0;
  double commits = 0;
};

/// What /metrics says; none of a server that has no such page.
Counts counts_of(const Target& target) {
  const std::string text = answer_of(target, "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const auto value = [&](const std::string& name) {
    const auto at = text.find("\n" + name + " ");
    return at == std::string::npos ? 0 : std::strtod(text.c_str() + at + name.size() + 2, nullptr);
  };
  return {value("sightline_store_writes_total"), value("sightline_store_commits_total")};
}

void measure(const std::string& what, const Target& target, const std::vector<std::string>& requests,
             std::chrono::milliseconds length) {
  const Counts before = counts_of(target);
  const Timing timing = hammer(target, requests, length);
  const Counts after = counts_of(target);
  const double commits = after.commits - before.commits;
  fmt::print("{:<44} p50 {:8.0f} us  p99 {:8.0f} us  {:9.0f}/s  {} failed", what, timing.p50_us,
             timing.p99_us, timing.per_second, timing.failures);
  if (commits > 0)
    fmt::print("  {:.3f} commits a write, {:.0f}/s", commits / (after.writes - before.writes),
               commits * 1000 / static_cast<double>(length.count()));
  fmt::print("\n");
  std::fflush(stdout);
}

void measure_server(const std::string& name, const std::string& account, const Target& target, const Key& key,
                    std::chrono::seconds length) {
  (void)exchange_us(target, queue_request(target, key, "CreateQueue", R"({"QueueName":"bench"})"));
  (void)exchange_us(target, put_request(target, key, "/bench-writes", ""));
  const std::string body = fmt::format(R"({{"QueueUrl":"http://{}:{}/{}/bench","MessageBody":"{}"}})",
                                       target.host, target.port, account, std::string(kBody, 'x'));
  for (const int connections : kConnections) {
    const std::vector<std::string> requests(static_cast<std::size_t>(connections),
                                            queue_request(target, key, "SendMessage", body));
    measure(fmt::format("SendMessage{}, {} connections", name, connections), target, requests, length);
  }
  for (const int connections : kConnections) {
    std::vector<std::string> requests;
    for (int i = 0; i < connections; ++i)
      requests.push_back(
          put_request(target, key, fmt::format("/bench-writes/{}", i), std::string(kObject, 'x')));
    measure(fmt::format("PutObject 1 KiB{}, {} connections", name, connections), target, requests, length);
  }
}

}  // namespace

Result<void> measure_writes(const Target& server, const Key& key, const std::optional<Target>& beside,
                            const std::filesystem::path& folder, std::chrono::seconds length) {
  fmt::print("{:<44} {:.2f} ms\n", "fsync of 4 KiB, the middle of 300", TRY(fsync_ms(folder)));
  for (const int rows : {1, 64})
    fmt::print("{:<44} {:.0f} rows/s\n", fmt::format("SQLite alone, commits of {}", rows),
               rows_per_second(folder, rows, length));
  measure_server("", "000000000000", server, key, length);
  if (beside) measure_server(", the other server", "123456789012", *beside, key, length);
  return {};
}

}  // namespace sightline::bench
