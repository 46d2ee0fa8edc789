import { createAPI, ResponseError, Writer, type Reader } from '@platformatic/kafka';
import type { PartitionName } from './kafka-admin.ts';

/** What Kafka says of one partition of an election. */
export interface ElectionResult extends PartitionName {
  readonly errorCode: number;
  readonly errorMessage: string | null;
}

/*
  ElectLeaders Request (Version: 2) => election_type [topic_partitions] timeout_ms TAG_BUFFER
    election_type => INT8 (0: preferred)
    topic_partitions => topic [partitions] TAG_BUFFER
      topic => COMPACT_STRING
      partitions => INT32
    timeout_ms => INT32
  ElectLeaders Response (Version: 2) => throttle_time_ms error_code [replica_election_results] TAG_BUFFER
    throttle_time_ms => INT32
    error_code => INT16
    replica_election_results => topic [partition_result] TAG_BUFFER
      topic => COMPACT_STRING
      partition_result => partition_id error_code error_message TAG_BUFFER
        partition_id => INT32
        error_code => INT16
        error_message => COMPACT_NULLABLE_STRING
*/
function electLeadersRequest(topics: readonly (readonly [string, readonly number[]])[], timeoutMs: number): Writer {
  return Writer.create()
    .appendInt8(0)
    .appendArray([...topics], (w, [topic, partitions]) => {
      w.appendString(topic).appendArray([...partitions], (inner, partition) => void inner.appendInt32(partition), true, false);
    })
    .appendInt32(timeoutMs)
    .appendTaggedFields();
}

function electLeadersResponse(_correlationId: number, key: number, version: number, reader: Reader): ElectionResult[] {
  reader.readInt32();
  const errorCode = reader.readInt16();
  const results = reader.readArray((r) => {
    const topic = r.readString();
    return r.readArray((inner) => ({
      topic,
      partition: inner.readInt32(),
      errorCode: inner.readInt16(),
      errorMessage: inner.readNullableString(),
    }));
  });
  reader.readTaggedFields();
  if (errorCode !== 0) throw new ResponseError(key, version, { '': [errorCode, null] }, results);
  return results.flat();
}

/** ElectLeaders, which the client library lacks. */
export const electLeaders = createAPI<[topics: readonly (readonly [string, readonly number[]])[], timeoutMs: number], ElectionResult[]>(
  43,
  2,
  electLeadersRequest,
  electLeadersResponse,
);

/*
  RemoveRaftVoter Request (Version: 0) => cluster_id voter_id voter_directory_id TAG_BUFFER
    cluster_id => COMPACT_NULLABLE_STRING
    voter_id => INT32
    voter_directory_id => UUID
  RemoveRaftVoter Response (Version: 0) => throttle_time_ms error_code error_message TAG_BUFFER
    throttle_time_ms => INT32
    error_code => INT16
    error_message => COMPACT_NULLABLE_STRING
*/
function removeVoterRequest(clusterId: string, voterId: number, directoryId: string): Writer {
  return Writer.create().appendString(clusterId).appendInt32(voterId).appendUUID(directoryId).appendTaggedFields();
}

function removeVoterResponse(_correlationId: number, key: number, version: number, reader: Reader): object {
  reader.readInt32();
  const errorCode = reader.readInt16();
  const errorMessage = reader.readNullableString();
  reader.readTaggedFields();
  if (errorCode !== 0) throw new ResponseError(key, version, { '': [errorCode, errorMessage] }, {});
  return {};
}

/** RemoveRaftVoter, which the client library lacks. */
export const removeRaftVoter = createAPI<[clusterId: string, voterId: number, directoryId: string], object>(
  81,
  0,
  removeVoterRequest,
  removeVoterResponse,
);
