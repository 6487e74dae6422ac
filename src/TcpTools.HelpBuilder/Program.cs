using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace TcpTools.HelpBuilder;

/// <summary>
/// Makes the help files of the module from docs/en-US and from the cmdlets' own metadata, and refuses to when the two
/// do not fit: a page too few or too many, a parameter without a word or a word about none.
/// </summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        if (arguments is not [string assemblyPath, string source, string target])
        {
            Console.Error.WriteLine("usage: TcpTools.HelpBuilder <TcpTools.dll> <docs/en-US> <en-US>");
            return 2;
        }

        Assembly assembly = Assembly.LoadFrom(Path.GetFullPath(assemblyPath));
        IReadOnlyList<CmdletModel> cmdlets = CmdletModel.In(assembly);
        Dictionary<string, HelpPage> pages = Pages(source, "*-*.md").Select(HelpPage.Read)
            .ToDictionary(p => Path.GetFileNameWithoutExtension(p.Path), StringComparer.OrdinalIgnoreCase);
        List<string> complaints = [.. HelpCheck.Run(cmdlets, pages)];
        foreach (string complaint in complaints)
        {
            Console.Error.WriteLine(complaint);
        }

        if (complaints.Count > 0)
        {
            return 1;
        }

        Directory.CreateDirectory(target);
        XDocument maml = MamlWriter.Write(cmdlets.Select(c => (c, pages[c.Name])));
        XmlWriterSettings settings = new() { Indent = true, Encoding = new UTF8Encoding(false) };
        using (XmlWriter writer = XmlWriter.Create(Path.Combine(target, "TcpTools.dll-Help.xml"), settings))
        {
            maml.Save(writer);
        }

        foreach (string about in Pages(source, "about_*.md"))
        {
            string name = Path.GetFileNameWithoutExtension(about) + ".help.txt";
            File.WriteAllText(Path.Combine(target, name), AboutTopic.Convert(File.ReadAllText(about)));
        }

        Console.WriteLine($"help for {cmdlets.Count} cmdlets in {target}");
        return 0;
    }

    private static string[] Pages(string folder, string pattern) => Directory.Exists(folder) ? Directory.GetFiles(folder, pattern) : [];
}
