#pragma once
// What the rest protocols share: members in the path, the query, headers and the status. What is left stands
// in the body, in the language of the protocol; or the body is one member, or passes beside.

#include "aws/wire/protocol_codec.h"

namespace sightline::aws::wire {

class RestCodec : public ProtocolCodec {
 public:
  /// The body of a streaming operation is not looked at.
  [[nodiscard]] Answer<void> decode(const Match& match, const HttpRequest& request, void* input,
                                    const Limits& limits) const final;
  [[nodiscard]] HttpResponse encode(const Operation& operation, const void* output,
                                    const RequestIds& ids) const final;

  /// Fills `object`, an empty struct of `shape`, from a body that is not empty. `root` is what the whole is
  /// called.
  [[nodiscard]] virtual Answer<void> read_body(const Service& service, const Shape& shape,
                                               std::string_view root, std::string_view text, void* object,
                                               const Limits& limits) const = 0;

 protected:
  /// What an exception's members put into the head.
  static void put_error_headers(HttpResponse& response, const ServiceError& error);
  /// Members that stand in the body, of an answer as a whole.
  [[nodiscard]] virtual std::string write_members(const Operation& operation, const void* output) const = 0;
  /// A structure that is the whole body.
  [[nodiscard]] virtual std::string write_payload(const Member& member, const void* value) const = 0;
  [[nodiscard]] virtual std::string_view content_type() const = 0;

 private:
  void put_payload(HttpResponse& response, const Operation& operation, const Member& member,
                   const void* value) const;
};

}  // namespace sightline::aws::wire
