// Routing and the decoders of both rest protocols against arbitrary requests.

#include "aws/wire/codec.h"
#include "aws/wire/fuzz_request.h"
#include "aws/wire/test_rest.h"
#include "aws/wire/test_xml.h"
#include "aws/wire/validation.h"

namespace {

namespace rest = sightline::aws::test_rest;
namespace wire = sightline::aws::wire;
namespace xml = sightline::aws::test_xml;

const wire::Service* const kServices[] = {&xml::kService, &rest::kService};

template <typename Op>
void try_decode(const wire::Match& match, const wire::HttpRequest& request) {
  if (match.operation != &Op::operation) return;
  static const auto validator = wire::Validator::create(kServices);
  wire::Limits limits;
  limits.element_bytes = 1U << 20U;
  const auto decoded = wire::decode<Op>(match, request, limits);
  if (!decoded && decoded.error().code.empty()) __builtin_trap();
  if (decoded) (void)validator->check(Op::operation, &*decoded);
}

template <typename... Ops>
void try_each(const wire::Match& match, const wire::HttpRequest& request) {
  (try_decode<Ops>(match, request), ...);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const wire::Router router({kServices[0], kServices[1]}, kServices[0], {"localhost"});
  const wire::HttpRequest request = wire::fuzzed_request(data, size);
  for (const wire::Service* service : kServices) {
    const auto match = router.find(request, service->signing_name);
    if (!match) continue;
    try_each<xml::PutRules, xml::PutThing, xml::PutText, xml::CopyThing>(*match, request);
    try_each<rest::Invoke, rest::ListThings, rest::PutThing, rest::PutConfig, rest::Store, rest::Untag>(
        *match, request);
  }
  return 0;
}
