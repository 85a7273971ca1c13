// Routing and the rest-xml decoder against arbitrary requests.

#include "aws/wire/codec.h"
#include "aws/wire/fuzz_request.h"
#include "aws/wire/test_xml.h"

namespace {

namespace wire = sightline::aws::wire;

template <typename Op>
void try_decode(const wire::Match& match, const wire::HttpRequest& request) {
  if (match.operation != &Op::operation) return;
  const auto decoded = wire::decode<Op>(match, request);
  if (!decoded && decoded.error().code.empty()) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sightline::aws::test_xml;
  static const wire::Router router({&kService}, &kService, {"localhost"});
  const wire::HttpRequest request = wire::fuzzed_request(data, size);
  const auto match = router.find(request);
  if (!match) return 0;
  try_decode<PutRules>(*match, request);
  try_decode<PutThing>(*match, request);
  try_decode<PutText>(*match, request);
  try_decode<CopyThing>(*match, request);
  return 0;
}
