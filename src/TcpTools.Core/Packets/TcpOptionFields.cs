using TcpTools.Wire;

namespace TcpTools.Packets;

/// <summary>The fields of TCP options.</summary>
internal static class TcpOptionFields
{
    /// <summary>Kind and length, and what the option holds.</summary>
    public static void Describe(TcpOption option, FieldSink sink)
    {
        sink.Number(nameof(TcpOption.Kind), 0, 8);
        if (option.Kind <= TcpOptionKind.NoOperation)
        {
            return;
        }

        sink.Number(nameof(TcpOption.Length), 8, 8);
        switch (option)
        {
            case TcpMaximumSegmentSizeOption:
                sink.Number(nameof(TcpMaximumSegmentSizeOption.Value), 16, 16);
                break;
            case TcpWindowScaleOption:
                sink.Number(nameof(TcpWindowScaleOption.Shift), 16, 8);
                break;
            case TcpTimestampsOption:
                sink.Number(nameof(TcpTimestampsOption.Value), 16, 32);
                sink.Number(nameof(TcpTimestampsOption.Echo), 48, 32);
                break;
            case TcpSackOption sack:
                for (int i = 0; i < sack.Blocks.Count; i++)
                {
                    sink.Group($"{nameof(TcpSackOption.Blocks)}[{i}]", 2 + (8 * i), 8, sack.Blocks[i], $"{sack.Blocks[i].Left}:{sack.Blocks[i].Right}", block =>
                    {
                        block.Number(nameof(SackBlock.Left), 0, 32);
                        block.Number(nameof(SackBlock.Right), 32, 32);
                    });
                }

                break;
            case TcpAlternateChecksumRequestOption:
                sink.Number(nameof(TcpAlternateChecksumRequestOption.Algorithm), 16, 8);
                break;
            case TcpMd5SignatureOption:
                sink.Data(nameof(TcpMd5SignatureOption.Digest), 2);
                break;
            case TcpUserTimeoutOption:
                sink.Flag(nameof(TcpUserTimeoutOption.InMinutes), 16);
                sink.Number(nameof(TcpUserTimeoutOption.Value), 17, 15);
                break;
            case TcpAuthenticationOption:
                sink.Number(nameof(TcpAuthenticationOption.KeyId), 16, 8);
                sink.Number(nameof(TcpAuthenticationOption.ReceiveNextKeyId), 24, 8);
                sink.Data(nameof(TcpAuthenticationOption.Code), 4);
                break;
            case TcpMultipathOption:
                sink.Number(nameof(TcpMultipathOption.Subtype), 16, 4);
                break;
            case TcpFastOpenOption { IsExperimental: true }:
                sink.Number("Experiment", 16, 16, FieldStyle.Hex);
                sink.Data(nameof(TcpFastOpenOption.Cookie), 4);
                break;
            case TcpFastOpenOption:
                sink.Data(nameof(TcpFastOpenOption.Cookie), 2);
                break;
            case TcpAccurateEcnOption accurate:
                DescribeCounters(accurate, sink);
                break;
            default:
                sink.Data(nameof(TcpOption.Data), 2);
                break;
        }
    }

    private static void DescribeCounters(TcpAccurateEcnOption option, FieldSink sink)
    {
        for (int i = 0; i < (option.Length - 2) / 3; i++)
        {
            string name = (i, option.Order) switch
            {
                (1, _) => nameof(TcpAccurateEcnOption.CongestionBytes),
                (0, 0) or (2, 1) => nameof(TcpAccurateEcnOption.Ect0Bytes),
                _ => nameof(TcpAccurateEcnOption.Ect1Bytes),
            };
            sink.Number(name, 16 + (24 * i), 24);
        }
    }
}
