// What a worker says against arbitrary bytes, in two pieces: what is taken must come out again as it was.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "sight/jobs/records.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sightline;
  const std::span all(data, size);
  jobs::RecordReader reader;
  Bytes again;
  for (const auto piece : {all.first(size / 2), all.subspan(size / 2)}) {
    reader.feed(piece);
    while (true) {
      const auto record = reader.next();
      if (!record || !*record) break;
      const Bytes bytes = jobs::encode(**record);
      again.insert(again.end(), bytes.begin(), bytes.end());
    }
  }
  if (again.size() != reader.consumed() || !std::equal(again.begin(), again.end(), data)) __builtin_trap();
  return 0;
}
