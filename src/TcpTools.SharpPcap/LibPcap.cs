using System;
using System.Runtime.InteropServices;
using SharpPcap.LibPcap;

namespace TcpTools.Bridge;

/// <summary>The one call of libpcap that SharpPcap does not offer.</summary>
internal static unsafe class LibPcap
{
    /// <summary>Frames that come and frames that go.</summary>
    public const int Both = 0;

    /// <summary>Frames that come.</summary>
    public const int Incoming = 1;

    private static readonly string[] s_names = ["libpcap.so.0.8", "libpcap.so.1", "libpcap.so"];
    private static readonly Lazy<nint> s_setDirection = new(Find);

    /// <summary>Says which way frames must go to be given by an open device.</summary>
    public static void SetDirection(PcapHandle handle, int direction)
    {
        bool isHeld = false;
        try
        {
            handle.DangerousAddRef(ref isHeld);
            ((delegate* unmanaged<nint, int, int>)s_setDirection.Value)(handle.DangerousGetHandle(), direction);
        }
        finally
        {
            if (isHeld)
            {
                handle.DangerousRelease();
            }
        }
    }

    private static nint Find()
    {
        foreach (string name in s_names)
        {
            if (NativeLibrary.TryLoad(name, out nint library))
            {
                return NativeLibrary.GetExport(library, "pcap_setdirection");
            }
        }

        throw new DllNotFoundException(s_names[0]);
    }
}
