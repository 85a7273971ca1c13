#pragma once
// Transactions whose failures keep their Problem.

#include <optional>

#include "cloud/buckets/failure.h"
#include "store/database.h"

namespace sightline::buckets {

/// `run` is Database::write or read, bound; `work` gives an Answer<T>, and a failure undoes it.
template <typename T, typename Run, typename Work>
Answer<T> transact(const Run& run, const Work& work) {
  std::optional<Answer<T>> answer;
  const Result<void> done = run([&](store::Transaction& transaction) -> Result<void> {
    answer.emplace(work(transaction));
    if (!*answer) return std::unexpected(answer->error().error);
    return {};
  });
  if (answer && !*answer) return std::move(*answer);
  if (!done) return std::unexpected(Failure(done.error()));
  return std::move(*answer);
}

template <typename T, typename Work>
Answer<T> write(store::Database& database, const Work& work) {
  return transact<T>([&](const store::Database::Work& all) { return database.write(all); }, work);
}

template <typename T, typename Work>
Answer<T> read(store::Database& database, const Work& work) {
  return transact<T>([&](const store::Database::Work& all) { return database.read(all); }, work);
}

}  // namespace sightline::buckets
