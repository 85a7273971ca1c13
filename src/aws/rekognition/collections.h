#pragma once
// Collections as such: made, described, listed, deleted, tagged.

#include "aws/dispatch/context.h"
#include "aws/rekognition/model.h"
#include "aws/rekognition/vision.h"
#include "aws/wire/service_error.h"
#include "sight/collections/face_collections.h"

namespace sightline::aws::rekognition {

[[nodiscard]] wire::Answer<CreateCollectionResponse> create_collection(
    const CreateCollectionRequest& request, const dispatch::Context& context,
    collections::FaceCollections& collections, Vision& vision);
[[nodiscard]] wire::Answer<DescribeCollectionResponse> describe_collection(
    const DescribeCollectionRequest& request, const dispatch::Context& context,
    collections::FaceCollections& collections);
[[nodiscard]] wire::Answer<ListCollectionsResponse> list_collections(
    const ListCollectionsRequest& request, const dispatch::Context& context,
    collections::FaceCollections& collections);
[[nodiscard]] wire::Answer<DeleteCollectionResponse> delete_collection(
    const DeleteCollectionRequest& request, const dispatch::Context& context,
    collections::FaceCollections& collections);

[[nodiscard]] wire::Answer<TagResourceResponse> tag_resource(const TagResourceRequest& request,
                                                             const dispatch::Context& context,
                                                             collections::FaceCollections& collections);
[[nodiscard]] wire::Answer<UntagResourceResponse> untag_resource(const UntagResourceRequest& request,
                                                                 const dispatch::Context& context,
                                                                 collections::FaceCollections& collections);
[[nodiscard]] wire::Answer<ListTagsForResourceResponse> list_tags_for_resource(
    const ListTagsForResourceRequest& request, const dispatch::Context& context,
    collections::FaceCollections& collections);

}  // namespace sightline::aws::rekognition
