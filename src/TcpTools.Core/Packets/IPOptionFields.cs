using System.Globalization;
using TcpTools.Wire;

namespace TcpTools.Packets;

/// <summary>The fields of IPv4 options.</summary>
internal static class IPOptionFields
{
    /// <summary>Kind and length, and what the option holds.</summary>
    public static void Describe(IPOption option, FieldSink sink)
    {
        sink.Number(nameof(IPOption.Kind), 0, 8);
        if (option.Kind <= IPv4OptionKind.NoOperation)
        {
            return;
        }

        sink.Number(nameof(IPOption.Length), 8, 8);
        switch (option)
        {
            case IPRouteOption route:
                sink.Number(nameof(IPRouteOption.Pointer), 16, 8);
                for (int i = 0; i < route.Addresses.Count; i++)
                {
                    sink.Address(Element(nameof(IPRouteOption.Addresses), i), 3 + (4 * i), 4);
                }

                break;
            case IPTimestampOption timestamp:
                sink.Number(nameof(IPTimestampOption.Pointer), 16, 8);
                sink.Number(nameof(IPTimestampOption.Overflow), 24, 4);
                sink.Number(nameof(IPTimestampOption.Flag), 28, 4);
                for (int i = 0; i < timestamp.Slots.Count; i++)
                {
                    sink.Number(Element(nameof(IPTimestampOption.Slots), i), 32 + (32 * i), 32);
                }

                break;
            default:
                sink.Data(nameof(IPOption.Data), 2);
                break;
        }
    }

    private static string Element(string name, int index) => string.Create(CultureInfo.InvariantCulture, $"{name}[{index}]");
}
