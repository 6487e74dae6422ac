using System;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading;

namespace TcpTools.Linux;

/// <summary>
/// libpcap, for one job: compiling the filter language of tcpdump (pcap-filter(7)). Looked for when it is first needed;
/// nothing else depends on it.
/// </summary>
internal sealed unsafe class PcapLibrary
{
    /// <summary>A filter keeps frames whole: no frame is longer (the limit of libpcap's own programs).</summary>
    private const int SnapLength = 262144;

    private const uint UnknownNetmask = 0xffffffff;

    private static readonly string[] s_names = ["libpcap.so.0.8", "libpcap.so.1"];
    private static readonly Lazy<PcapLibrary?> s_shared = new(() => TryLoad(s_names));

    private readonly Lock _lock = new();
    private readonly delegate* unmanaged<int, int, nint> _openDead;
    private readonly delegate* unmanaged<nint, BpfProgramMemory*, byte*, int, uint, int> _compile;
    private readonly delegate* unmanaged<BpfProgramMemory*, void> _freeCode;
    private readonly delegate* unmanaged<nint, nint> _getError;
    private readonly delegate* unmanaged<nint, void> _close;

    private PcapLibrary(nint library)
    {
        _openDead = (delegate* unmanaged<int, int, nint>)NativeLibrary.GetExport(library, "pcap_open_dead");
        _compile = (delegate* unmanaged<nint, BpfProgramMemory*, byte*, int, uint, int>)NativeLibrary.GetExport(library, "pcap_compile");
        _freeCode = (delegate* unmanaged<BpfProgramMemory*, void>)NativeLibrary.GetExport(library, "pcap_freecode");
        _getError = (delegate* unmanaged<nint, nint>)NativeLibrary.GetExport(library, "pcap_geterr");
        _close = (delegate* unmanaged<nint, void>)NativeLibrary.GetExport(library, "pcap_close");
    }

    /// <summary>The library.</summary>
    /// <exception cref="StackException">It is not installed.</exception>
    internal static PcapLibrary Shared => OrMissing(s_shared.Value);

    /// <summary>The first library of these names that is there; null when none is.</summary>
    internal static PcapLibrary? TryLoad(params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            if (NativeLibrary.TryLoad(name, out nint library))
            {
                return new PcapLibrary(library);
            }
        }

        return null;
    }

    /// <summary>What was found, or the error that tells how to get it.</summary>
    internal static PcapLibrary OrMissing(PcapLibrary? found) => found ?? throw new StackException(
        StackError.MissingLibrary,
        "Filter expressions need the library libpcap, which is not installed.",
        "Install it (apt install libpcap0.8), or filter the packets with Where-Object.");

    /// <summary>Compiles an expression for frames of a link type, by its number in the tcpdump group's registry. Any thread may.</summary>
    /// <exception cref="StackException">The expression is not one of the language; the message is the library's.</exception>
    internal BpfProgram Compile(string expression, int linkType)
    {
        byte[] text = Encoding.UTF8.GetBytes(expression + "\0");
        // Older versions keep the parser's state in statics.
        lock (_lock)
        {
            nint handle = _openDead(linkType, SnapLength);
            if (handle == 0)
            {
                throw new StackException(StackError.ResourceExhausted, "There is no memory to compile a filter.");
            }

            try
            {
                BpfProgramMemory memory = default;
                fixed (byte* bytes = text)
                {
                    if (_compile(handle, &memory, bytes, 1, UnknownNetmask) < 0)
                    {
                        string reason = Marshal.PtrToStringUTF8(_getError(handle)) ?? "no reason given";
                        throw new StackException(
                            StackError.InvalidFilter,
                            $"'{expression}' is not a filter: {reason}.",
                            "Filters are written as for tcpdump, such as 'tcp port 80 and host 10.0.0.1'; see man pcap-filter.");
                    }
                }

                try
                {
                    return new BpfProgram(new ReadOnlySpan<BpfInstruction>(memory.Instructions, (int)memory.Length));
                }
                finally
                {
                    _freeCode(&memory);
                }
            }
            finally
            {
                _close(handle);
            }
        }
    }

    /// <summary>struct bpf_program.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct BpfProgramMemory
    {
        internal uint Length;
        internal BpfInstruction* Instructions;
    }
}
