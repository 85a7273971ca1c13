#pragma once
// Transactions whose failures keep what a module knows of them (base/failure.h).

#include <expected>
#include <optional>

#include "store/database.h"

namespace sightline::store {

/// `run` is Database::write or read, bound; `work` gives a std::expected<T, Failure>, and a failure undoes
/// it.
template <typename T, typename Failure, typename Run, typename Work>
std::expected<T, Failure> transact(const Run& run, const Work& work) {
  std::optional<std::expected<T, Failure>> answer;
  const Result<void> done = run([&](Transaction& transaction) -> Result<void> {
    answer.emplace(work(transaction));
    if (!*answer) return std::unexpected(answer->error().error);
    return {};
  });
  if (answer && !*answer) return std::move(*answer);
  if (!done) return std::unexpected(Failure(done.error()));
  return std::move(*answer);
}

template <typename T, typename Failure, typename Work>
std::expected<T, Failure> write_answer(Database& database, const Work& work) {
  return transact<T, Failure>([&](const Database::Work& all) { return database.write(all); }, work);
}

template <typename T, typename Failure, typename Work>
std::expected<T, Failure> read_answer(Database& database, const Work& work) {
  return transact<T, Failure>([&](const Database::Work& all) { return database.read(all); }, work);
}

}  // namespace sightline::store
