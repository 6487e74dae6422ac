namespace TcpTools.Linux;

/// <summary>What an interface's end looks like to those who use it.</summary>
internal static class InterfaceGone
{
    private const int NetworkDown = 100;

    internal static StackException ToException(int error) => error is NetworkDown or SystemError.NoSuchDeviceOrAddress or SystemError.NoDevice
        ? new StackException(StackError.LinkDown, "The interface is down or has gone.", "Bring it up (ip link set NAME up); Get-PacketLink lists what is there.")
        : SystemError.ToException(error, "Using the interface");
}
