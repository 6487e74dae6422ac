namespace TcpTools.Capture;

/// <summary>Keys that a capture brings along to decrypt what is in it (pcapng, decryption secrets block).</summary>
/// <param name="Type">What kind of keys: 0x544C534B for a log of TLS keys, for example.</param>
/// <param name="Data">The keys as they are in the file.</param>
public sealed record CaptureSecrets(uint Type, byte[] Data)
{
    /// <summary>A log of TLS keys as browsers write it (SSLKEYLOGFILE).</summary>
    public const uint TlsKeyLog = 0x544C534B;

    /// <summary>A log of WireGuard keys.</summary>
    public const uint WireGuardKeyLog = 0x57474B4C;

    /// <summary>A log of SSH keys.</summary>
    public const uint SshKeyLog = 0x5353484B;
}
