// Reads and writes messages of the operations in smithy_subject.h, one JSON object a line on stdin, one on
// stdout:
//
//   {"do": "decode", "subject": NAME, "method": M, "target": T, "headers": [[NAME, VALUE], ...], "body": HEX}
//     -> {"document": TEXT} with the request's members, or {"error": TEXT}
//   {"do": "encode", "subject": NAME, "document": TEXT} -> {"status": N, "headers": [...], "body": HEX} or
//   {"error": TEXT}
//   {"do": "refuse", "subject": NAME, "type": T, "code": C, "message": M, "status": N, "error": NAME,
//   "document": TEXT}
//     -> the same; "error" is one that carries members, those of the document, or empty

#include <boost/json.hpp>
#include <iostream>

#include "aws/wire/codec.h"
#include "aws/wire/json_codec.h"
#include "base/hex.h"
#include "smithy_subject.h"

namespace {

namespace json = boost::json;
namespace smithy = sightline::smithy;
namespace wire = sightline::aws::wire;

std::string text(const json::object& asked, std::string_view name) {
  const json::value* value = asked.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->as_string()) : std::string();
}

json::object error(const wire::ServiceError& what) {
  return {{"error", what.code + ": " + what.message}};
}

json::object response(const wire::HttpResponse& answer) {
  json::array headers;
  for (const wire::Header& line : answer.headers) headers.push_back(json::array{line.name, line.value});
  return {{"status", answer.status},
          {"headers", headers},
          {"body",
           sightline::hex({reinterpret_cast<const std::uint8_t*>(answer.body.data()), answer.body.size()})}};
}

json::object decode(const smithy::Subject& subject, const json::object& asked) {
  wire::HttpRequest request{text(asked, "method"), text(asked, "target"), {}};
  for (const json::value& line : asked.at("headers").as_array())
    request.headers.add(std::string(line.at(0).as_string()), std::string(line.at(1).as_string()));
  const std::string digits = text(asked, "body");
  std::vector<std::uint8_t> body;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2)
    body.push_back(static_cast<std::uint8_t>(std::stoi(digits.substr(i, 2), nullptr, 16)));
  request.body = body;
  const wire::Service& service = *subject.operation->service;
  const wire::Router router({&service}, &service, {});
  const auto match = router.find(request, service.signing_name);
  if (!match) return error(match.error().error);
  if (match->operation != subject.operation) return {{"error", "another operation"}};
  const auto input = subject.request();
  if (const auto done = wire::decode(*match, request, input.get()); !done) return error(done.error());
  wire::Operation as_output = *subject.operation;
  as_output.output = as_output.input;
  as_output.streamed_output = {};
  return {{"document", wire::encode_document(as_output, input.get())}};
}

json::object encode(const smithy::Subject& subject, const json::object& asked) {
  wire::Operation as_input = *subject.operation;
  as_input.input = as_input.output;
  const auto output = subject.response();
  if (const auto done = wire::decode_document(as_input, text(asked, "document"), output.get()); !done)
    return error(done.error());
  return response(wire::encode(*subject.operation, output.get(), {"request-id", "host-id"}));
}

json::object refuse(const smithy::Subject& subject, const json::object& asked) {
  wire::ServiceError what{text(asked, "type"), text(asked, "code"), text(asked, "message"),
                          static_cast<int>(asked.at("status").as_int64())};
  if (const auto error = smithy::errors().find(text(asked, "error")); error != smithy::errors().end()) {
    wire::Operation as_input = *subject.operation;
    as_input.input = what.shape = error->second.type->shape;
    const auto members = error->second.members();
    if (const auto done = wire::decode_document(as_input, text(asked, "document"), members.get()); !done)
      return ::error(done.error());
    what.members = members;
  }
  return response(wire::encode_error(*subject.operation->service, what, {"request-id", "host-id"}));
}

}  // namespace

int main() {
  for (std::string line; std::getline(std::cin, line);) {
    const json::object asked = json::parse(line).as_object();
    const auto subject = smithy::subjects().find(text(asked, "subject"));
    if (subject == smithy::subjects().end()) {
      std::cout << R"({"error": "no such subject"})" << std::endl;
      continue;
    }
    const std::string what = text(asked, "do");
    std::cout << (what == "decode"   ? decode(subject->second, asked)
                  : what == "encode" ? encode(subject->second, asked)
                                     : refuse(subject->second, asked))
              << std::endl;
  }
  return 0;
}
