using System.Collections.Generic;
using TcpTools.Wire;

namespace TcpTools.Capture;

/// <summary>What a capture says beside its frames, as far as it has been read. Bounded, whatever a file claims.</summary>
internal sealed class CaptureNotes
{
    private const int MaximumNames = 65536;
    private const int MaximumStatistics = 65536;
    private const int MaximumSecretBytes = 16 * 1024 * 1024;

    private readonly Dictionary<NetworkAddress, IReadOnlyList<string>> _names = [];
    private readonly Dictionary<CaptureInterface, CaptureInterfaceStatistics> _statistics =
        new(ReferenceEqualityComparer.Instance);

    private readonly List<CaptureSecrets> _secrets = [];
    private int _nameCount;
    private int _secretBytes;

    public List<CaptureInterface> Interfaces { get; } = [];

    public string? Comment { get; set; }

    public string? Application { get; set; }

    public string? Hardware { get; set; }

    public string? OperatingSystem { get; set; }

    public IReadOnlyDictionary<NetworkAddress, IReadOnlyList<string>> Names => _names;

    public IReadOnlyCollection<CaptureInterfaceStatistics> Statistics => _statistics.Values;

    public IReadOnlyList<CaptureSecrets> Secrets => _secrets;

    /// <summary>What the section that begins does not inherit from the one before.</summary>
    public void BeginSection()
    {
        Interfaces.Clear();
        Comment = null;
        Application = null;
        Hardware = null;
        OperatingSystem = null;
    }

    public void AddName(NetworkAddress address, string name)
    {
        if (_nameCount >= MaximumNames)
        {
            return;
        }

        if (!_names.TryGetValue(address, out IReadOnlyList<string>? known))
        {
            _names.Add(address, [name]);
        }
        else if (known is List<string> list && !list.Contains(name) && list.Count < 64)
        {
            list.Add(name);
        }
        else if (known.Count == 1 && known[0] != name)
        {
            _names[address] = new List<string> { known[0], name };
        }

        _nameCount++;
    }

    /// <summary>Keeps the latest counts of each interface.</summary>
    public void AddStatistics(CaptureInterfaceStatistics statistics)
    {
        if (_statistics.Count < MaximumStatistics || _statistics.ContainsKey(statistics.Interface))
        {
            _statistics[statistics.Interface] = statistics;
        }
    }

    public void AddSecrets(CaptureSecrets secrets)
    {
        if (secrets.Data.Length <= MaximumSecretBytes - _secretBytes)
        {
            _secretBytes += secrets.Data.Length + 64;
            _secrets.Add(secrets);
        }
    }
}
