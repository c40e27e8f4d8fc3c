import {
  consumerGroupDescribeV0,
  createPartitionsV1,
  createPartitionsV2,
  createPartitionsV3,
  createTopicsV7,
  deleteTopicsV6,
  describeConfigsV3,
  describeConfigsV4,
  describeGroupsV5,
  incrementalAlterConfigsV0,
  incrementalAlterConfigsV1,
  listGroupsV5,
  listOffsetsV7,
  listOffsetsV8,
  listOffsetsV9,
  metadataV10,
  metadataV11,
  metadataV12,
} from '@platformatic/kafka'

/**
 * The requests this client makes, each in the versions it can speak, newest first. The oldest are those of 2.8, which
 * first knew topics by id; the library's own Admin is not used (one config list for a whole call, merged calls).
 */
export const apis = {
  metadata: [metadataV12.api, metadataV11.api, metadataV10.api],
  describeConfigs: [describeConfigsV4.api, describeConfigsV3.api],
  createTopics: [createTopicsV7.api],
  createPartitions: [createPartitionsV3.api, createPartitionsV2.api, createPartitionsV1.api],
  incrementalAlterConfigs: [incrementalAlterConfigsV1.api, incrementalAlterConfigsV0.api],
  deleteTopics: [deleteTopicsV6.api],
  listOffsets: [listOffsetsV9.api, listOffsetsV8.api, listOffsetsV7.api],
  listGroups: [listGroupsV5.api],
  describeGroups: [describeGroupsV5.api],
  describeConsumerGroups: [consumerGroupDescribeV0.api],
} as const
