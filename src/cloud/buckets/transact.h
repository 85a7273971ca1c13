#pragma once
// Transactions whose failures keep their Problem.

#include "cloud/buckets/failure.h"
#include "store/transact.h"

namespace sightline::buckets {

template <typename T, typename Work>
Answer<T> write(store::Database& database, const Work& work) {
  return store::write_answer<T, Failure>(database, work);
}

template <typename T, typename Work>
Answer<T> read(store::Database& database, const Work& work) {
  return store::read_answer<T, Failure>(database, work);
}

}  // namespace sightline::buckets
